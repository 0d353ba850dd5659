#include "tests/integration/soak/soak_clients.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace fairlead::testing {
namespace {

using Ending = TunnelPlan::Ending;
using Outcome = SoakTunnel::Outcome;

constexpr size_t kFailuresKept = 10;
// As many as the proxy's queue takes without a dropped SYN, which would cost a second.
constexpr int kOpenedPerTurn = 50;
// Long after the last tunnel should have ended.
constexpr std::chrono::seconds kPatience{60};

Socket StartConnect(const base::SocketAddress& address) {
  sockaddr_storage native;
  const socklen_t length = address.ToNative(&native);
  Socket socket(::socket(native.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const int rc = ::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&native), length);
  if (rc != 0 && errno != EINPROGRESS) socket.Close();
  return socket;
}

}  // namespace

SoakClients::SoakClients(base::SocketAddress steady, size_t at_once)
    : steady_(std::move(steady)), at_once_(at_once), thread_([this] { Run(); }) {}

SoakClients::~SoakClients() {
  if (thread_.joinable()) Finish();
}

void SoakClients::SetPassing(std::optional<base::SocketAddress> address) {
  const std::lock_guard lock(mutex_);
  passing_ = std::move(address);
}

std::optional<SoakClients::Result> SoakClients::Finish() {
  stopping_ = true;
  thread_.join();
  if (stuck_) return std::nullopt;
  return result_;
}

void SoakClients::Run() {
  std::array<epoll_event, 256> events;
  auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!stopping_ || !tunnels_.empty()) {
    if (!stopping_) give_up = std::chrono::steady_clock::now() + kPatience;
    if (std::chrono::steady_clock::now() > give_up) {
      stuck_ = true;
      return;
    }
    for (int i = 0; i < kOpenedPerTurn && !stopping_ && tunnels_.size() < at_once_; ++i) OpenOne();
    const int count = poller_.Wait(events.data(), events.size(), 20);
    for (int i = 0; i < count; ++i) {
      const uint64_t id = events[static_cast<size_t>(i)].data.u64;
      const auto found = tunnels_.find(id);
      if (found == tunnels_.end()) continue;
      SoakTunnel& tunnel = *found->second;
      const Outcome outcome = tunnel.Continue();
      if (outcome == Outcome::kOpen) {
        poller_.Change(tunnel.fd(), id, true, tunnel.wants_to_write());
      } else {
        Conclude(tunnel, outcome);
        tunnels_.erase(found);
      }
    }
  }
}

void SoakClients::OpenOne() {
  TunnelPlan plan = Plan();
  base::SocketAddress address = steady_;
  if (plan.id % 8 == 0) {
    const std::lock_guard lock(mutex_);
    if (passing_) {
      address = *passing_;
      plan.may_fail = true;
    }
  }
  Socket socket = StartConnect(address);
  if (!socket.open()) {
    ++(plan.may_fail ? result_.not_accepted : result_.failed);
    return;
  }
  if (!plan.may_fail) ++result_.connected;
  const int fd = socket.fd();
  tunnels_.emplace(plan.id, std::make_unique<SoakTunnel>(plan, std::move(socket)));
  poller_.Add(fd, plan.id, true, true);
}

TunnelPlan SoakClients::Plan() {
  const auto upto = [this](uint64_t most) { return random_() % most + 1; };
  TunnelPlan plan{.id = ++started_};
  const uint64_t dice = random_() % 100;
  plan.ending = dice < 45   ? Ending::kClientEnds
                : dice < 75 ? Ending::kBackendEnds
                : dice < 85 ? Ending::kClientResets
                : dice < 95 ? Ending::kBackendResets
                            : Ending::kLeavesUnanswered;
  const bool bulk = random_() % 50 == 0;
  plan.message = bulk ? 400000 : upto(600);
  plan.bytes = bulk ? upto(2000000) + 1 : plan.message * upto(40) + 1;
  plan.early = random_() % 4 == 0;
  return plan;
}

void SoakClients::Conclude(const SoakTunnel& tunnel, SoakTunnel::Outcome outcome) {
  const TunnelPlan& plan = tunnel.plan();
  if (outcome == Outcome::kFailed) {
    ++result_.failed;
    if (result_.failures.size() < kFailuresKept) result_.failures.push_back(tunnel.failure());
  } else if (outcome == Outcome::kNotAccepted) {
    ++result_.not_accepted;
  } else if (plan.calm()) {
    ++result_.calm;
    result_.calm_bytes += plan.bytes;
    if (plan.ending == Ending::kClientEnds) ++result_.client_ended;
  } else if (tunnel.opened()) {
    ++result_.wild;
  }
}

}  // namespace fairlead::testing
