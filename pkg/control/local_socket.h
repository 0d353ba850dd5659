#pragma once

#include <sys/types.h>

#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "pkg/base/address.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/loop/acceptor.h"
#include "pkg/loop/listen_socket.h"
#include "pkg/loop/loop.h"

namespace fairlead::control {

// A unix socket for the processes of our own user and nobody else: mode 0600, in a directory that is made
// with mode 0700 where it is missing, and every connection is asked for its user (SO_PEERCRED, unix(7)). A
// stale socket is replaced, a live one is an error. More than kMaxConnections at once are closed unheard: a
// script that forgets its connections must not take the descriptors of tunnels.
class LocalSocket {
 public:
  static constexpr size_t kMaxConnections = 128;

  // Gets a connected, non-blocking socket, which it then owns; on the socket's own thread.
  using Accepted = absl::AnyInvocable<void(int fd)>;

  static absl::StatusOr<std::unique_ptr<LocalSocket>> Listen(const base::UnixPath& path, Accepted accepted);
  // Accepts no more from here on; what was accepted stays.
  ~LocalSocket();
  LocalSocket(const LocalSocket&) = delete;
  LocalSocket& operator=(const LocalSocket&) = delete;

 private:
  LocalSocket(std::shared_ptr<const loop::ListenSockets> sockets, Accepted accepted);

  // Lets the acceptor try again.
  class Retry final : public base::DeadlineWheel::Entry {
   public:
    explicit Retry(loop::Acceptor& acceptor) : acceptor_(acceptor) {}
    void OnDeadline(base::MonotonicTime) override { acceptor_.Resume(); }

   private:
    loop::Acceptor& acceptor_;
  };

  // An accepted socket, which its owner closes without telling us: the number is taken again, the inode is
  // not.
  struct Given {
    int fd;
    ino_t inode;
  };

  void Accept(int fd);
  void ForgetClosed();

  const std::shared_ptr<const loop::ListenSockets> sockets_;
  Accepted accepted_;
  // From here on the thread's, while it runs.
  loop::Loop loop_;
  loop::Acceptor acceptor_;
  Retry retry_{acceptor_};
  std::vector<Given> given_;
  std::thread thread_;
};

}  // namespace fairlead::control
