#include "pkg/loop/acceptor.h"

#include <sys/socket.h>

#include <algorithm>

namespace fairlead::loop {

Acceptor::Acceptor(Loop& loop, int listen_fd, Accepted accepted, Exhausted exhausted)
    : listen_fd_(listen_fd),
      accepted_(std::move(accepted)),
      exhausted_(std::move(exhausted)),
      loop_(loop),
      watcher_(loop, listen_fd, [this](bool, bool) { AcceptBatch(); }) {
  watcher_.Watch(true, false);
}

void Acceptor::AcceptBatch() {
  batch_ = loop_.iteration() == last_iteration_ + 1 ? std::min(2 * batch_, kMaxBatch) : 1;
  last_iteration_ = loop_.iteration();
  for (int i = 0; i < batch_ && !paused_ && AcceptOne(listen_fd_); ++i) {
  }
}

void Acceptor::Pause() {
  paused_ = true;
  watcher_.Watch(false, false);
}

void Acceptor::Resume() {
  paused_ = false;
  watcher_.Watch(true, false);
}

void Acceptor::AcceptQueued(int listen_fd) {
  while (AcceptOne(listen_fd)) {
  }
}

bool Acceptor::AcceptOne(int listen_fd) {
  sockaddr_storage peer;
  socklen_t length = sizeof(peer);
  int fd;
  do {
    fd = ::accept4(listen_fd, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    // A connection that died while it was queued is nobody's end of the queue.
  } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED || errno == EPROTO));
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      Pause();
      exhausted_();
    }
    return false;
  }
  accepted_(fd, base::SocketAddress::FromNative(peer, length));
  return true;
}

}  // namespace fairlead::loop
