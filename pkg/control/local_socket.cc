#include "pkg/control/local_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "pkg/telemetry/log.h"

namespace fairlead::control {
namespace {

// Until the next attempt when there was no descriptor.
constexpr base::Duration kRetryAfter{200};

absl::Status ErrnoStatus(const std::string& doing) {
  return absl::UnavailableError(fmt::format("{}: {}", doing, std::generic_category().message(errno)));
}

absl::Status MakeDirectory(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path();
  if (::mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return ErrnoStatus("make the directory " + directory);
}

// 0 for what is no open descriptor.
ino_t InodeOf(int fd) {
  struct stat found {};
  return ::fstat(fd, &found) == 0 ? found.st_ino : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalSocket>> LocalSocket::Listen(const base::UnixPath& path,
                                                                 Accepted accepted) {
  if (const absl::Status made = MakeDirectory(path.path); !made.ok()) return made;
  auto sockets = loop::ListenSockets::Bind(base::SocketAddress(path), /*count=*/1);
  if (!sockets.ok()) return sockets.status();
  // A moment late does no harm: whoever connects before is still asked for its user.
  if (::chmod(path.path.c_str(), 0600) != 0) return ErrnoStatus("chmod " + path.path);
  return std::unique_ptr<LocalSocket>(new LocalSocket(*std::move(sockets), std::move(accepted)));
}

LocalSocket::LocalSocket(std::shared_ptr<const loop::ListenSockets> sockets, Accepted accepted)
    : sockets_(std::move(sockets)),
      accepted_(std::move(accepted)),
      acceptor_(
          loop_, sockets_->fds().front(), [this](int fd, const base::SocketAddress&) { Accept(fd); },
          [this] { loop_.deadlines().Arm(retry_, loop_.Now() + kRetryAfter); }),
      thread_([this] { loop_.Run(); }) {}

LocalSocket::~LocalSocket() {
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
}

void LocalSocket::Accept(int fd) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.uid != ::geteuid()) {
    ::close(fd);
    return telemetry::LogWarning(fmt::format("control: user {} was turned away", peer.uid));
  }
  ForgetClosed();
  if (given_.size() >= kMaxConnections) {
    ::close(fd);
    return telemetry::LogWarning(
        fmt::format("control: {} connections are open to the socket, one more was closed: process {}",
                    given_.size(), peer.pid));
  }
  given_.push_back({.fd = fd, .inode = InodeOf(fd)});
  accepted_(fd);
}

void LocalSocket::ForgetClosed() {
  std::erase_if(given_, [](const Given& given) { return InodeOf(given.fd) != given.inode; });
}

}  // namespace fairlead::control
