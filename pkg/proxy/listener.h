#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "pkg/admission/upgrade_queue.h"
#include "pkg/apply/publication.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/loop/acceptor.h"
#include "pkg/proxy/context.h"
#include "pkg/proxy/session.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::proxy {

// A worker's side of a listening address: accepts, and keeps the sessions of what it accepted. It follows the
// configuration of its listener until that is removed; then it takes what is queued, gives the address up,
// and stays until its last session is gone.
class Listener final : public SessionOwner, private base::DeadlineWheel::Entry {
 public:
  // Which listener, and its configuration at the time.
  struct Source {
    apply::Listening listening;
    std::shared_ptr<const snapshot::Snapshot> snapshot;
    size_t index;
  };
  // Where to send a connection that this worker accepted for all: a unix socket has one queue. True when it
  // was taken elsewhere. None where every worker accepts for itself.
  using Dealer = std::function<bool(const Source& source, int fd, const base::SocketAddress& peer)>;

  // `fd`: the worker's own listening socket, or nothing where another worker accepts for it.
  Listener(Context& context, const apply::Listening& listening, std::optional<int> fd, Dealer dealer);
  ~Listener();

  // Which of the published ones it is. The gate tells: it stays as long as anybody who was let in.
  bool Is(const admission::Gate& gate) const { return gate_.get() == &gate; }

  // The listener at `index` of the snapshot is this one's configuration from now on.
  void Update(std::shared_ptr<const snapshot::Snapshot> snapshot, size_t index);
  // Takes what is queued and stops listening. The address is free once every worker has.
  void Retire();

  // Serves a connection that is accepted.
  void Serve(int fd, const base::SocketAddress& peer);

  // To be called now and then: what is in force about too much load begins and ends here, too.
  void FollowOverload();

  void CloseIdleSessions();
  // The process ends: those who wait for a place go, too.
  void CloseSessions();
  bool idle() const { return sessions_.empty() && parked_.empty(); }
  // Called whenever it has become idle, but for CloseSessions, which may leave it so without a word.
  void SetOnIdle(std::function<void()> on_idle) { on_idle_ = std::move(on_idle); }

 private:
  // A connection that was accepted just as the last place was taken: it waits here, those behind it in the
  // kernel.
  struct Parked {
    int fd;
    base::SocketAddress peer;
  };

  std::shared_ptr<const snapshot::Snapshot> CurrentSnapshot() const override { return snapshot_; }
  const snapshot::Listener& CurrentListener() const override { return snapshot_->listeners()[index_]; }
  const base::SocketAddress& LocalAddress() const override { return address_; }
  bool KeepsAlive() const override { return !retired_ && !Does(admission::OverloadAction::kStopKeepAlive); }
  bool TakesUpgrades() const override { return !Does(admission::OverloadAction::kRefuseUpgrades); }
  admission::UpgradeQueue& queue() override { return queue_; }
  void OnSessionClosed(Session& session) override;
  void OnDeadline(base::MonotonicTime now) override;

  Source AsSource() const {
    return {.listening = {.sockets = sockets_, .gate = gate_}, .snapshot = snapshot_, .index = index_};
  }
  bool Does(admission::OverloadAction action) const { return gate_->UpdateOverload().Has(action); }
  // Serves those who wait as long as there are places.
  void ServeParked();
  std::optional<admission::Ticket> TakePlace();
  void Open(const Parked& newcomer, admission::Ticket ticket);
  void WaitForPlace();

  Context& context_;
  std::shared_ptr<const loop::ListenSockets> sockets_;  // null when retired
  const base::SocketAddress address_;
  const std::shared_ptr<admission::Gate> gate_;
  admission::UpgradeQueue queue_;
  const Dealer dealer_;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  size_t index_ = 0;
  telemetry::ListenerStatsRef stats_;
  std::unique_ptr<loop::Acceptor> acceptor_;
  std::deque<Parked> parked_;  // newcomers pass through it: who is about to be served is still somebody here
  bool retired_ = false;
  bool keeps_alive_ = true;  // when last looked at
  std::vector<std::unique_ptr<Session>> sessions_;
  std::function<void()> on_idle_;
};

}  // namespace fairlead::proxy
