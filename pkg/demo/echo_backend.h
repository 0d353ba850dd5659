#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "pkg/base/address.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/demo/echo_socket.h"
#include "pkg/demo/http_connection.h"
#include "pkg/demo/lingering_close.h"
#include "pkg/loop/acceptor.h"
#include "pkg/loop/listen_socket.h"
#include "pkg/loop/loop.h"

namespace fairlead::demo {

// One of the demo's backends: an HTTP/1.1 server on loopback that serves the page on `/` and echoes WebSocket
// messages on `/ws`. To each new WebSocket it says which backend it is and how many it has open, this one
// included:
//
//   {"backend":"echo-1","open":3}
//
// Made and destroyed on the loop's thread, or while the loop does not run; the loop outlives it. Destruction
// closes all its connections.
class EchoBackend final : private base::DeadlineWheel::Entry {
 public:
  // Binds 127.0.0.1 on a port that the kernel chooses. The name goes into JSON and a header field as it is:
  // letters, digits, hyphens.
  static absl::StatusOr<std::unique_ptr<EchoBackend>> Start(loop::Loop& loop, std::string name);

  EchoBackend(const EchoBackend&) = delete;
  EchoBackend& operator=(const EchoBackend&) = delete;

  const base::SocketAddress& address() const { return listening_->address(); }

 private:
  // Out of descriptors or memory, how long it waits before it accepts again.
  static constexpr base::Duration kBreather{1000};

  template <typename T>
  using Set = absl::flat_hash_map<const T*, std::unique_ptr<T>>;

  EchoBackend(loop::Loop& loop, std::string name, std::shared_ptr<const loop::ListenSockets> listening);
  void Accept(int fd);
  void OnDeadline(base::MonotonicTime) override { acceptor_.Resume(); }
  void OnHttpDone(HttpConnection& connection, HttpConnection::Outcome outcome, std::string_view early);
  void OpenSocket(std::unique_ptr<stream::Stream> stream, std::string_view early);
  void OnSocketDone(EchoSocket& socket, EchoSocket::Outcome outcome);
  void SeeOff(std::unique_ptr<stream::Stream> stream);
  template <typename T>
  void Bury(Set<T>& set, const T& dead);

  loop::Loop& loop_;
  const std::string name_;
  const std::shared_ptr<const loop::ListenSockets> listening_;
  Set<HttpConnection> http_;
  Set<EchoSocket> sockets_;
  Set<LingeringClose> closing_;
  loop::Acceptor acceptor_;
};

}  // namespace fairlead::demo
