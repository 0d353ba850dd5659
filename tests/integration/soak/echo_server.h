#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

#include "tests/integration/soak/poller.h"
#include "tests/support/backend.h"

namespace fairlead::testing {

// A backend of the soak, on a thread of its own: answers every upgrade with a 101 to `raw`, no WebSocket, and
// echoes what follows. The path's last segments say how a tunnel ends:
//
//   …/echo      when the client ends, behind the last byte
//   …/end/N     in order, once N bytes are echoed
//   …/reset/N   with a RST, once N bytes are echoed
class EchoServer {
 public:
  EchoServer();
  ~EchoServer();

  const base::SocketAddress& address() const { return listening_.address(); }
  // Connections that are open now. Any thread.
  size_t open() const { return open_; }

 private:
  struct Connection;

  void Run();
  void AcceptAll();
  // False when it is over.
  bool Serve(Connection& connection);
  bool ReadAll(Connection& connection);
  bool ReadHead(Connection& connection);
  bool Echo(Connection& connection, std::string_view bytes);
  bool Flush(Connection& connection);

  Backend listening_;
  Poller poller_;
  std::atomic<bool> stopped_{false};
  std::atomic<size_t> open_{0};
  uint64_t next_id_ = 1;  // 0 is the listening socket
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  std::thread thread_;
};

}  // namespace fairlead::testing
