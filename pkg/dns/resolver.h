#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/loop/fd_watcher.h"
#include "pkg/loop/loop.h"

struct ares_channeldata;

namespace fairlead::dns {

// The resolver of one loop: c-ares with its sockets and timeouts on that loop. It answers from /etc/hosts
// first, then from the name servers and search domains of /etc/resolv.conf as it was at Create.
//
// One thread, the loop's. What uses it (Lookup, NameWatcher) is destroyed before it, and it before the loop.
class Resolver final : base::DeadlineWheel::Entry {
 public:
  struct Options {
    // "127.0.0.1:53,[::1]:53" in the place of the system's name servers; empty = those.
    std::string servers;
    // For the first try; each further round over the servers waits twice as long.
    base::Duration timeout{2000};
    int tries = 2;
  };

  static absl::StatusOr<std::unique_ptr<Resolver>> Create(loop::Loop& loop, const Options& options);
  ~Resolver();

  loop::Loop& loop() { return loop_; }

  // For the other files of this room. After a query was started, RearmTimeout.
  ares_channeldata* channel() { return channel_; }
  void RearmTimeout();

 private:
  explicit Resolver(loop::Loop& loop) : loop_(loop) {}
  absl::Status Open(const Options& options);
  void WatchSocket(int fd, bool readable, bool writable);
  void Process(int readable_fd, int writable_fd);
  void OnDeadline(base::MonotonicTime now) override;

  loop::Loop& loop_;
  ares_channeldata* channel_ = nullptr;
  std::unordered_map<int, std::unique_ptr<loop::FdWatcher>> sockets_;
};

}  // namespace fairlead::dns
