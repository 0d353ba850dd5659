#include "tests/integration/soak/soak_tunnel.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tests/support/http.h"

namespace fairlead::testing {
namespace {

using Ending = TunnelPlan::Ending;

// The path tells the backend its part; the route is one of the two.
std::string PathOf(const TunnelPlan& plan) {
  const std::string route = plan.calm() ? "calm" : "wild";
  switch (plan.ending) {
    case Ending::kBackendEnds:
      return fmt::format("/{}/end/{}", route, plan.bytes);
    case Ending::kBackendResets:
      return fmt::format("/{}/reset/{}", route, plan.bytes / 2);
    default:
      return fmt::format("/{}/echo", route);
  }
}

}  // namespace

SoakTunnel::SoakTunnel(const TunnelPlan& plan, Socket socket)
    : plan_(plan),
      pattern_(plan.id),
      socket_(std::move(socket)),
      unsent_(GetRequest(PathOf(plan), "Connection: Upgrade\r\nUpgrade: raw\r\n")) {
  if (plan_.early) QueueMessage();
}

SoakTunnel::Outcome SoakTunnel::Continue() {
  if (!Write()) return Broken();
  if (plan_.ending == Ending::kLeavesUnanswered && unsent_.empty()) {
    socket_.Reset();
    return Outcome::kDone;
  }
  if (const Outcome outcome = Read(); outcome != Outcome::kOpen) return outcome;
  return Write() ? Outcome::kOpen : Broken();
}

SoakTunnel::Outcome SoakTunnel::Read() {
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t count = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
    if (count == 0) return Ended();
    if (count < 0) return errno == EAGAIN || errno == ENOTCONN ? Outcome::kOpen : Broken();
    const Outcome outcome = Take(std::string(buffer.data(), static_cast<size_t>(count)));
    if (outcome != Outcome::kOpen) return outcome;
  }
}

SoakTunnel::Outcome SoakTunnel::Take(std::string bytes) {
  if (!opened_) {
    head_ += bytes;
    const size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return Outcome::kOpen;
    if (!head_.starts_with("HTTP/1.1 101 ")) return Fail("no 101: " + head_);
    opened_ = true;
    bytes = head_.substr(end + 4);
    if (queued_ == 0) QueueMessage();
  }
  if (!pattern_.Matches(received_, bytes)) return Fail(fmt::format("wrong bytes at {}", received_));
  received_ += bytes.size();
  if (received_ > queued_) return Fail("more than was sent");
  if (plan_.ending == Ending::kClientResets && received_ >= plan_.bytes / 2) {
    socket_.Reset();
    return Outcome::kDone;
  }
  if (received_ == queued_) QueueMessage();
  return Outcome::kOpen;
}

SoakTunnel::Outcome SoakTunnel::Ended() {
  if (!plan_.calm()) return Broken();
  if (!opened_) return plan_.may_fail ? Outcome::kNotAccepted : Fail("ended before the 101: " + head_);
  if (received_ != plan_.bytes) return Fail(fmt::format("ended after {} of {}", received_, plan_.bytes));
  return Outcome::kDone;
}

SoakTunnel::Outcome SoakTunnel::Broken() {
  if (!opened_ && plan_.may_fail) return Outcome::kNotAccepted;
  if (plan_.ending == Ending::kBackendResets && opened_) return Outcome::kDone;
  return Fail(fmt::format("broken ({}) after {} of {} bytes, {}", std::strerror(errno), received_,
                          plan_.bytes, opened_ ? "open" : "before the 101"));
}

SoakTunnel::Outcome SoakTunnel::Fail(std::string why) {
  failure_ = fmt::format("tunnel {} (ending {}): {}", plan_.id, static_cast<int>(plan_.ending), why);
  return Outcome::kFailed;
}

void SoakTunnel::QueueMessage() {
  const size_t size = std::min(plan_.message, plan_.bytes - queued_);
  unsent_ += pattern_.From(queued_, size);
  queued_ += size;
}

bool SoakTunnel::Write() {
  while (!unsent_.empty()) {
    const ssize_t sent = ::send(socket_.fd(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == ENOTCONN;
    unsent_.erase(0, static_cast<size_t>(sent));
  }
  const bool all = opened_ && queued_ == plan_.bytes;
  if (all && plan_.ending == Ending::kClientEnds && !std::exchange(ended_, true)) socket_.End();
  return true;
}

}  // namespace fairlead::testing
