#include "pkg/loop/listen_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/loop/socket_stream.h"
#include "pkg/loop/uv_status.h"

namespace fairlead::loop {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn

struct Native {
  sockaddr_storage storage;
  socklen_t length;
  explicit Native(const base::SocketAddress& address) : length(address.ToNative(&storage)) {}
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// A bound TCP socket, or the error as a negative errno.
int BoundSocket(const Native& native, bool reuse_port) {
  const int fd = ::socket(native.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  if (reuse_port) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
  if (::bind(fd, native.get(), native.length) == 0) return fd;
  const int error = errno;
  ::close(fd);
  return -error;
}

// Removes the socket that a process which is no more has left at the path. An error when it is still
// listened to, by a program that knows nothing of our lock, or is no socket at all.
absl::Status RemoveStale(const base::UnixPath& path) {
  struct stat found;
  if (::lstat(path.path.c_str(), &found) != 0) return absl::OkStatus();  // bind(2) will say what is wrong
  if (!S_ISSOCK(found.st_mode)) return ErrnoStatus(EEXIST, "a file that is no socket");
  const Native native{base::SocketAddress(path)};
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return ErrnoStatus(errno, "socket");
  const bool stale = ::connect(probe, native.get(), native.length) != 0 && errno == ECONNREFUSED;
  ::close(probe);
  if (!stale) return ErrnoStatus(EADDRINUSE, "connect");
  ::unlink(path.path.c_str());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ListenSockets>> ListenSockets::Bind(const base::SocketAddress& address,
                                                                         size_t count, bool shared) {
  std::shared_ptr<ListenSockets> sockets(new ListenSockets);
  sockets->address_ = address;
  const absl::Status bound =
      address.is_unix() ? sockets->BindUnix(*address.unix_path()) : sockets->BindTcp(address, count, shared);
  if (!bound.ok()) {
    return absl::Status(bound.code(),
                        fmt::format("listen on {}: {}", address.ToString(), std::string(bound.message())));
  }
  return sockets;
}

absl::Status ListenSockets::BindTcp(const base::SocketAddress& address, size_t count, bool shared) {
  if (!shared) {
    // Without SO_REUSEPORT first: with it a second process of the same user would bind in silence.
    const int probe = BoundSocket(Native(address), /*reuse_port=*/false);
    if (probe < 0) return ErrnoStatus(-probe, "bind");
    ::close(probe);
  }
  for (size_t i = 0; i < count; ++i) {
    const int fd = BoundSocket(Native(address_), /*reuse_port=*/true);
    if (fd < 0) return ErrnoStatus(-fd, "bind");
    fds_.push_back(fd);
    SetTcpOptions(fd);
    if (::listen(fd, kBacklog) != 0) return ErrnoStatus(errno, "listen");
    sockaddr_storage bound;
    socklen_t length = sizeof(bound);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length);
    address_ = base::SocketAddress::FromNative(bound, length);
  }
  return absl::OkStatus();
}

absl::Status ListenSockets::BindUnix(const base::UnixPath& path) {
  lock_fd_ = ::open((path.path + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock_fd_ < 0) return ErrnoStatus(errno, "open the lock file");
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) return ErrnoStatus(EADDRINUSE, "lock");
  if (absl::Status removed = RemoveStale(path); !removed.ok()) return removed;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return ErrnoStatus(errno, "socket");
  const Native native(address_);
  if (::bind(fd, native.get(), native.length) != 0) {
    const int error = errno;
    ::close(fd);
    return ErrnoStatus(error, "bind");
  }
  fds_.push_back(fd);  // from here on the path is ours to remove
  if (::chmod(path.path.c_str(), 0660) != 0) return ErrnoStatus(errno, "chmod");
  if (::listen(fd, kBacklog) != 0) return ErrnoStatus(errno, "listen");
  return absl::OkStatus();
}

ListenSockets::~ListenSockets() {
  if (address_.is_unix() && !fds_.empty()) ::unlink(address_.unix_path()->path.c_str());
  for (const int fd : fds_) ::close(fd);
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

}  // namespace fairlead::loop
