#pragma once

#include <list>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "pkg/admin/http_connection.h"
#include "pkg/admin/http_message.h"
#include "pkg/base/address.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/loop/acceptor.h"
#include "pkg/loop/listen_socket.h"
#include "pkg/loop/loop.h"

namespace fairlead::admin {

// A small HTTP/1.1 server for people, probes and scrapers, on a thread and a loop of its own: GET and HEAD,
// one request a connection, short timeouts. Not for the data plane. Serves from Start until destroyed, which
// waits for the handler that runs and drops the other connections.
class HttpServer {
 public:
  // Beyond it the oldest connection goes: whoever only connects and waits must not keep a probe out.
  static constexpr size_t kMaxConnections = 64;

  // Port 0 takes a free one. Fails when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const base::SocketAddress& address,
                                                           HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Where it listens, with the port that was chosen.
  const base::SocketAddress& address() const { return sockets_->address(); }

 private:
  HttpServer(std::shared_ptr<const loop::ListenSockets> sockets, HttpHandler handler);

  // Lets the acceptor try again.
  class Retry final : public base::DeadlineWheel::Entry {
   public:
    explicit Retry(loop::Acceptor& acceptor) : acceptor_(acceptor) {}
    void OnDeadline(base::MonotonicTime now) override;

   private:
    loop::Acceptor& acceptor_;
  };

  void Accept(int fd);
  void RetrySoon();
  void Remove(HttpConnection* connection);

  const std::shared_ptr<const loop::ListenSockets> sockets_;
  const HttpHandler handler_;
  // From here on the thread's, while it runs.
  loop::Loop loop_;
  loop::Acceptor acceptor_;
  Retry retry_{acceptor_};
  std::list<std::unique_ptr<HttpConnection>> connections_;  // the oldest first
  std::thread thread_;
};

}  // namespace fairlead::admin
