// bench_floor PORT BACKEND_PORT
//
// The least a copying relay can cost: epoll_wait, read, write. It does not parse (the handshake passes
// through as bytes), keeps no timers and no buffers: a write that would block is retried at once, which
// is safe here because both ends of the benchmark always go on reading. Every proxy's CPU time is
// reported as a multiple of this one's.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr int kNobody = -1;
constexpr size_t kBufferBytes = 64 * 1024;
constexpr int kMaxEvents = 256;

class Relay {
 public:
  Relay(int listener, uint16_t backend_port, int descriptor_limit)
      : epoll_(NewEpoll()),
        listener_(listener),
        backend_port_(backend_port),
        peer_(static_cast<size_t>(descriptor_limit), kNobody),
        buffer_(std::make_unique<std::array<char, kBufferBytes>>()) {
    Watch(epoll_, EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void Run() {
    std::array<epoll_event, kMaxEvents> events;
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), kMaxEvents, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == listener_) {
          AcceptAll();
        } else if (Peer(fd) != kNobody) {  // closed earlier in this turn otherwise
          Forward(fd);
        }
      }
    }
  }

 private:
  int& Peer(int fd) { return peer_[static_cast<size_t>(fd)]; }

  void AcceptAll() {
    for (int client = Accept(listener_); client >= 0; client = Accept(listener_)) {
      const int backend = Connect(backend_port_);
      Peer(client) = backend;
      Peer(backend) = client;
      Watch(epoll_, EPOLL_CTL_ADD, client, EPOLLIN);
      Watch(epoll_, EPOLL_CTL_ADD, backend, EPOLLIN);
    }
  }

  void Forward(int from) {
    const ssize_t bytes = read(from, buffer_->data(), buffer_->size());
    if (bytes < 0 && errno == EAGAIN) return;
    if (bytes <= 0 || !WriteAll(Peer(from), buffer_->data(), bytes)) Close(from);
  }

  static bool WriteAll(int to, const char* data, ssize_t bytes) {
    while (bytes > 0) {
      const ssize_t written = send(to, data, static_cast<size_t>(bytes), MSG_NOSIGNAL);
      if (written < 0 && errno != EAGAIN) return false;
      if (written < 0) continue;
      data += written;
      bytes -= written;
    }
    return true;
  }

  void Close(int fd) {
    const int peer = Peer(fd);
    Peer(fd) = Peer(peer) = kNobody;
    close(fd);
    close(peer);
  }

  const int epoll_;
  const int listener_;
  const uint16_t backend_port_;
  std::vector<int> peer_;  // by descriptor: the other side of its tunnel
  std::unique_ptr<std::array<char, kBufferBytes>> buffer_;
};

}  // namespace
}  // namespace fairlead::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    errno = EINVAL;
    fairlead::bench::Die("bench_floor PORT BACKEND_PORT");
  }
  const int limit = fairlead::bench::RaiseDescriptorLimit();
  const int listener = fairlead::bench::Listen(static_cast<uint16_t>(std::atoi(argv[1])));
  fairlead::bench::Relay(listener, static_cast<uint16_t>(std::atoi(argv[2])), limit).Run();
}
