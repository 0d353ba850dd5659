#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "pkg/base/address.h"

namespace fairlead::loop {

// The listening sockets of one address: one for each worker with SO_REUSEPORT, or a single one for a unix
// path. Shared between threads; the sockets are closed with the last owner. Before that, what is queued at
// any of them must be accepted: the kernel resets it otherwise.
class ListenSockets {
 public:
  // Binds and listens. An address that somebody holds is an error, although SO_REUSEPORT would let both have
  // it; with `shared`, one that this process holds already in another form (127.0.0.1 of a wildcard, say) is
  // not, nor then one that another process of the same user holds. A stale unix path is replaced, a live one
  // is an error; the socket is accessible to its user and group only.
  static absl::StatusOr<std::shared_ptr<const ListenSockets>> Bind(const base::SocketAddress& address,
                                                                   size_t count, bool shared = false);

  ~ListenSockets();
  ListenSockets(const ListenSockets&) = delete;
  ListenSockets& operator=(const ListenSockets&) = delete;

  // As bound: with the port that the kernel chose where 0 was asked for.
  const base::SocketAddress& address() const { return address_; }
  // Non-blocking; `count` of them, or one for a unix path.
  const std::vector<int>& fds() const { return fds_; }

  // Expires once the sockets are closed: when the last owner goes that takes a moment, in which the address
  // is still held.
  std::weak_ptr<const void> held() const { return held_; }

  // Those who accept from them are counted. While one of them does, the kernel goes on to queue newcomers at
  // the sockets of those that have left: the last one (LeaveIsLast is true then) takes them in.
  void Attend() const { attendants_.fetch_add(1); }
  bool LeaveIsLast() const { return attendants_.fetch_sub(1) == 1; }

 private:
  ListenSockets() = default;
  absl::Status BindTcp(const base::SocketAddress& address, size_t count, bool shared);
  absl::Status BindUnix(const base::UnixPath& path);

  const std::shared_ptr<const void> held_ = std::make_shared<const int>(0);  // of all here it goes last
  base::SocketAddress address_;
  std::vector<int> fds_;
  mutable std::atomic<int> attendants_ = 0;
  int lock_fd_ =
      -1;  // a unix path is held by a lock on PATH.lock, so that a stale socket can be told from a live one
};

}  // namespace fairlead::loop
