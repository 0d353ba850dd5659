#include "pkg/demo/echo_backend.h"

#include <fmt/format.h>

#include <utility>

#include "pkg/loop/socket_stream.h"

namespace fairlead::demo {

absl::StatusOr<std::unique_ptr<EchoBackend>> EchoBackend::Start(loop::Loop& loop, std::string name) {
  const base::SocketAddress any_port({.ip = base::IpAddress::V4({127, 0, 0, 1}), .port = 0});
  auto listening = loop::ListenSockets::Bind(any_port, 1);
  if (!listening.ok()) return listening.status();
  return std::unique_ptr<EchoBackend>(new EchoBackend(loop, std::move(name), *std::move(listening)));
}

EchoBackend::EchoBackend(loop::Loop& loop, std::string name,
                         std::shared_ptr<const loop::ListenSockets> listening)
    : loop_(loop),
      name_(std::move(name)),
      listening_(std::move(listening)),
      acceptor_(
          loop, listening_->fds().front(), [this](int fd, const base::SocketAddress&) { Accept(fd); },
          [this] { loop_.deadlines().Arm(*this, loop_.Now() + kBreather); }) {}

void EchoBackend::Accept(int fd) {
  auto stream = loop::SocketStream::Adopt(loop_, fd);
  if (!stream.ok()) return;  // the client sees its connection closed
  auto connection =
      std::make_unique<HttpConnection>(*std::move(stream), name_,
                                       [this](HttpConnection& done, HttpConnection::Outcome outcome,
                                              std::string_view early) { OnHttpDone(done, outcome, early); });
  HttpConnection& started = *connection;
  http_.emplace(&started, std::move(connection));
  started.Start();
}

void EchoBackend::OnHttpDone(HttpConnection& connection, HttpConnection::Outcome outcome,
                             std::string_view early) {
  std::unique_ptr<stream::Stream> stream = connection.TakeStream();
  Bury(http_, connection);
  switch (outcome) {
    case HttpConnection::Outcome::kUpgraded:
      OpenSocket(std::move(stream), early);
      return;
    case HttpConnection::Outcome::kAnswered:
      SeeOff(std::move(stream));
      return;
    case HttpConnection::Outcome::kGone:
      return;
  }
}

void EchoBackend::OpenSocket(std::unique_ptr<stream::Stream> stream, std::string_view early) {
  auto socket = std::make_unique<EchoSocket>(
      std::move(stream),
      [this](EchoSocket& done, EchoSocket::Outcome outcome) { OnSocketDone(done, outcome); });
  EchoSocket& started = *socket;
  sockets_.emplace(&started, std::move(socket));
  started.Start(fmt::format(R"({{"backend":"{}","open":{}}})", name_, sockets_.size()), early);
}

void EchoBackend::OnSocketDone(EchoSocket& socket, EchoSocket::Outcome outcome) {
  std::unique_ptr<stream::Stream> stream = socket.TakeStream();
  Bury(sockets_, socket);
  if (outcome == EchoSocket::Outcome::kClosed) SeeOff(std::move(stream));
}

void EchoBackend::SeeOff(std::unique_ptr<stream::Stream> stream) {
  auto closing = std::make_unique<LingeringClose>(loop_, std::move(stream),
                                                  [this](LingeringClose& done) { Bury(closing_, done); });
  const LingeringClose* key = closing.get();
  closing_.emplace(key, std::move(closing));
}

template <typename T>
void EchoBackend::Bury(Set<T>& set, const T& dead) {
  const auto found = set.find(&dead);
  loop_.Bury(std::move(found->second));
  set.erase(found);
}

}  // namespace fairlead::demo
