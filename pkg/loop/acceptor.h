#pragma once

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "pkg/base/address.h"
#include "pkg/loop/fd_watcher.h"
#include "pkg/loop/loop.h"

namespace fairlead::loop {

// Accepts from one listening socket, which somebody else owns. Our own accept(2) and not libuv's: at the
// descriptor limit libuv accepts and closes whatever is queued, and does not say so.
class Acceptor {
 public:
  // A connected, non-blocking socket (the callee owns it) and who is on the other side. May pause the
  // acceptor; may not destroy it.
  using Accepted = absl::AnyInvocable<void(int fd, const base::SocketAddress& peer)>;

  // The kernel had no descriptor or memory for the next connection; the acceptor is paused and its owner
  // decides when to go on. That connection stays queued.
  using Exhausted = absl::AnyInvocable<void()>;

  // Accepts from the loop's next turn on.
  Acceptor(Loop& loop, int listen_fd, Accepted accepted, Exhausted exhausted);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // While paused, new connections wait in the kernel's queue.
  void Pause();
  void Resume();
  bool paused() const { return paused_; }

  // Accepts all that is queued now at a listening socket, paused or not. To be called before it is closed.
  void AcceptQueued() { AcceptQueued(listen_fd_); }
  // The same at another one.
  void AcceptQueued(int listen_fd);

 private:
  // Few enough a turn that a flood of newcomers does not starve open tunnels.
  static constexpr int kMaxBatch = 64;
  // One, and twice as many in each next turn in which somebody waits again: to look for a second who is not
  // there costs as much as to accept.
  void AcceptBatch();
  bool AcceptOne(int listen_fd);

  const int listen_fd_;
  Accepted accepted_;
  Exhausted exhausted_;
  bool paused_ = false;
  Loop& loop_;
  uint64_t last_iteration_ = 0;
  int batch_ = 1;
  FdWatcher watcher_;
};

}  // namespace fairlead::loop
