#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <cstdint>

namespace fairlead::testing {

// epoll(7), as the soak's peers need it. `id` comes back with each event.
class Poller {
 public:
  Poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~Poller() { ::close(fd_); }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void Add(int fd, uint64_t id, bool read, bool write) { Control(EPOLL_CTL_ADD, fd, id, read, write); }
  void Change(int fd, uint64_t id, bool read, bool write) { Control(EPOLL_CTL_MOD, fd, id, read, write); }

  // How many of `events` are set.
  int Wait(epoll_event* events, int max, int timeout_ms) {
    return ::epoll_wait(fd_, events, max, timeout_ms);
  }

 private:
  void Control(int operation, int fd, uint64_t id, bool read, bool write) {
    epoll_event event{.events = 0, .data = {.u64 = id}};
    if (read) event.events |= EPOLLIN;
    if (write) event.events |= EPOLLOUT;
    ::epoll_ctl(fd_, operation, fd, &event);
  }

  const int fd_;
};

}  // namespace fairlead::testing
