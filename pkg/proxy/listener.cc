#include "pkg/proxy/listener.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "pkg/loop/socket_stream.h"
#include "pkg/telemetry/log.h"

namespace fairlead::proxy {
namespace {

// How often a full listener looks for a free place. A place may become free on any worker, and nobody tells.
constexpr base::Duration kRetryInterval{100};

}  // namespace

Listener::Listener(Context& context, const apply::Listening& listening, std::optional<int> fd, Dealer dealer)
    : context_(context),
      sockets_(listening.sockets),
      address_(sockets_->address()),
      gate_(listening.gate),
      queue_(context.loop.deadlines(), gate_->upgrades()),
      dealer_(std::move(dealer)) {
  if (!fd) return;
  sockets_->Attend();
  acceptor_ = std::make_unique<loop::Acceptor>(
      context.loop, *fd,
      [this](int accepted, const base::SocketAddress& peer) {
        if (!dealer_ || !dealer_(AsSource(), accepted, peer)) Serve(accepted, peer);
      },
      [this] { WaitForPlace(); });
}

Listener::~Listener() {
  on_idle_ = nullptr;
  CloseSessions();
}

void Listener::Update(std::shared_ptr<const snapshot::Snapshot> snapshot, size_t index) {
  snapshot_ = std::move(snapshot);
  index_ = index;
  stats_ = context_.stats.Listener(CurrentListener().name);
  queue_.FollowRate();
}

void Listener::Retire() {
  retired_ = true;
  CloseIdleSessions();
  if (acceptor_) {
    acceptor_->AcceptQueued();
    if (sockets_->LeaveIsLast()) {
      for (const int fd : sockets_->fds()) acceptor_->AcceptQueued(fd);
    }
    acceptor_.reset();
  }
  // Before the last session is gone: that may take hours, and the kernel would queue newcomers for nobody.
  sockets_.reset();
}

void Listener::Serve(int fd, const base::SocketAddress& peer) {
  parked_.push_back({.fd = fd, .peer = peer});
  ServeParked();
}

void Listener::ServeParked() {
  while (!parked_.empty()) {
    std::optional<admission::Ticket> ticket = TakePlace();
    if (!ticket) return WaitForPlace();
    // Off the list first: it may be refused at once, and be the last.
    const Parked next = parked_.front();
    parked_.pop_front();
    Open(next, *std::move(ticket));
  }
}

std::optional<admission::Ticket> Listener::TakePlace() {
  if (gate_->LacksMemory()) return std::nullopt;
  std::optional<admission::Ticket> ticket = admission::Ticket::Take(gate_, stats_);
  FollowOverload();
  return ticket;
}

void Listener::Open(const Parked& newcomer, admission::Ticket ticket) {
  auto client = loop::SocketStream::Adopt(context_.loop, newcomer.fd);
  if (!client.ok()) return;  // the connection is broken: served as well as can be
  sessions_.push_back(
      std::make_unique<Session>(context_, *this, *std::move(client), newcomer.peer, std::move(ticket)));
  sessions_.back()->index = sessions_.size() - 1;
  sessions_.back()->Start();
}

void Listener::WaitForPlace() {
  if (acceptor_) acceptor_->Pause();
  context_.loop.deadlines().Arm(*this, context_.loop.Now() + kRetryInterval);
  // What its own limits do is told as overload: this is about descriptors.
  if (Does(admission::OverloadAction::kStopAccepting)) return;
  if (gate_->connections().full_log().Ready(context_.loop.Now())) {
    telemetry::LogWarning(
        fmt::format("listener {}: the process has as many connections as it may ({} here); new ones wait",
                    CurrentListener().name, gate_->connections().taken()));
  }
}

void Listener::FollowOverload() {
  const bool keeps_alive = KeepsAlive();
  if (std::exchange(keeps_alive_, keeps_alive) && !keeps_alive) CloseIdleSessions();
  admission::Budget& connections = gate_->connections();
  if (const auto news = connections.trigger().TakeNews()) {
    telemetry::LogWarning(fmt::format("listener {}: {} of at most {} connections: {}", CurrentListener().name,
                                      connections.taken(), connections.limit(), *news));
  }
}

void Listener::OnDeadline(base::MonotonicTime) {
  ServeParked();
  if (!parked_.empty()) return;
  if (acceptor_) acceptor_->Resume();
  if (idle() && on_idle_) on_idle_();
}

void Listener::CloseIdleSessions() {
  // From the back, since closing moves the last one into the gap.
  for (size_t i = sessions_.size(); i-- > 0;) sessions_[i]->CloseIfIdle();
}

void Listener::CloseSessions() {
  for (const Parked& waiting : std::exchange(parked_, {})) ::close(waiting.fd);
  while (!sessions_.empty()) sessions_.back()->Close(telemetry::RejectReason::kDraining);
}

void Listener::OnSessionClosed(Session& session) {
  const size_t index = session.index;
  std::swap(sessions_[index], sessions_.back());
  sessions_[index]->index = index;
  context_.loop.Bury(std::move(sessions_.back()));
  sessions_.pop_back();
  if (idle() && on_idle_) on_idle_();
}

}  // namespace fairlead::proxy
