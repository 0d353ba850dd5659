#include "tests/integration/soak/echo_server.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <utility>

#include "tests/support/http.h"

namespace fairlead::testing {
namespace {

constexpr size_t kMaxWaiting = 65536;  // echoes that the peer does not take

}  // namespace

struct EchoServer::Connection {
  enum class Ending { kWithTheClient, kInOrder, kReset };

  explicit Connection(int fd) : socket(fd) {}

  Socket socket;
  std::string head;
  bool upgraded = false;
  Ending ending = Ending::kWithTheClient;
  size_t left = std::numeric_limits<size_t>::max();  // to echo until it ends
  std::string waiting;
  bool peer_ended = false;
  bool ended = false;
};

EchoServer::EchoServer() {
  ::fcntl(listening_.fd(), F_SETFL, O_NONBLOCK);
  poller_.Add(listening_.fd(), 0, true, false);
  thread_ = std::thread([this] { Run(); });
}

EchoServer::~EchoServer() {
  stopped_ = true;
  thread_.join();
}

void EchoServer::Run() {
  std::array<epoll_event, 128> events;
  while (!stopped_) {
    const int count = poller_.Wait(events.data(), events.size(), 20);
    for (int i = 0; i < count; ++i) {
      const uint64_t id = events[static_cast<size_t>(i)].data.u64;
      if (id == 0) {
        AcceptAll();
        continue;
      }
      const auto found = connections_.find(id);
      if (found == connections_.end()) continue;
      Connection& connection = *found->second;
      if (Serve(connection)) {
        const bool read = connection.waiting.size() < kMaxWaiting && !connection.peer_ended;
        poller_.Change(connection.socket.fd(), id, read, !connection.waiting.empty());
      } else {
        connections_.erase(found);
        --open_;
      }
    }
  }
}

void EchoServer::AcceptAll() {
  int fd;
  while ((fd = ::accept4(listening_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    const uint64_t id = next_id_++;
    connections_.emplace(id, std::make_unique<Connection>(fd));
    ++open_;
    poller_.Add(fd, id, true, false);
  }
}

bool EchoServer::Serve(Connection& connection) {
  if (!ReadAll(connection) || !Flush(connection)) return false;
  const bool over = connection.left == 0 || connection.peer_ended;
  if (over && connection.waiting.empty()) {
    if (connection.ending == Connection::Ending::kReset && connection.left == 0) {
      connection.socket.Reset();
      return false;
    }
    if (!std::exchange(connection.ended, true)) connection.socket.End();
    return !connection.peer_ended;
  }
  return true;
}

bool EchoServer::ReadAll(Connection& connection) {
  std::array<char, 16384> buffer;
  while (connection.waiting.size() < kMaxWaiting && !connection.peer_ended) {
    const ssize_t count = ::recv(connection.socket.fd(), buffer.data(), buffer.size(), 0);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) {
      connection.peer_ended = true;
    } else if (!Echo(connection, {buffer.data(), static_cast<size_t>(count)})) {
      return false;
    }
  }
  return true;
}

bool EchoServer::Echo(Connection& connection, std::string_view bytes) {
  if (!connection.upgraded) {
    connection.head.append(bytes);
    return ReadHead(connection);
  }
  bytes = bytes.substr(0, connection.left);
  connection.waiting.append(bytes);
  connection.left -= bytes.size();
  return true;
}

bool EchoServer::ReadHead(Connection& connection) {
  const size_t end = connection.head.find("\r\n\r\n");
  if (end == std::string::npos) return true;
  // Nothing may have come behind it: the proxy keeps early bytes until the 101.
  if (end + 4 != connection.head.size()) return false;
  connection.upgraded = true;
  connection.waiting = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n";
  const std::string path = connection.head.substr(0, connection.head.find(" HTTP/"));
  const size_t number = path.rfind('/') + 1;
  if (path.ends_with("/echo")) return true;
  connection.left = std::strtoull(path.c_str() + number, nullptr, 10);
  connection.ending =
      path.find("/reset/") != std::string::npos ? Connection::Ending::kReset : Connection::Ending::kInOrder;
  connection.head.clear();
  return true;
}

bool EchoServer::Flush(Connection& connection) {
  while (!connection.waiting.empty()) {
    const ssize_t sent =
        ::send(connection.socket.fd(), connection.waiting.data(), connection.waiting.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    connection.waiting.erase(0, static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace fairlead::testing
