#include "pkg/admin/http_server.h"

#include <algorithm>
#include <utility>

#include "pkg/loop/socket_stream.h"

namespace fairlead::admin {
namespace {

// Until the next attempt when there was no descriptor.
constexpr base::Duration kRetryAfter{200};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const base::SocketAddress& address,
                                                              HttpHandler handler) {
  auto sockets = loop::ListenSockets::Bind(address, /*count=*/1);
  if (!sockets.ok()) return sockets.status();
  return std::unique_ptr<HttpServer>(new HttpServer(*std::move(sockets), std::move(handler)));
}

HttpServer::HttpServer(std::shared_ptr<const loop::ListenSockets> sockets, HttpHandler handler)
    : sockets_(std::move(sockets)),
      handler_(std::move(handler)),
      acceptor_(
          loop_, sockets_->fds().front(), [this](int fd, const base::SocketAddress&) { Accept(fd); },
          [this] { RetrySoon(); }),
      thread_([this] { loop_.Run(); }) {}

HttpServer::~HttpServer() {
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
}

void HttpServer::Accept(int fd) {
  auto stream = loop::SocketStream::Adopt(loop_, fd);
  if (!stream.ok()) return;
  if (connections_.size() >= kMaxConnections) connections_.front()->Close();
  connections_.push_back(std::make_unique<HttpConnection>(
      loop_, *std::move(stream), handler_, [this](HttpConnection* connection) { Remove(connection); }));
}

void HttpServer::RetrySoon() {
  loop_.deadlines().Arm(retry_, loop_.Now() + kRetryAfter);
}

void HttpServer::Retry::OnDeadline(base::MonotonicTime) {
  acceptor_.Resume();
}

void HttpServer::Remove(HttpConnection* connection) {
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& owned) { return owned.get() == connection; });
  loop_.Bury(std::move(*found));
  connections_.erase(found);
}

}  // namespace fairlead::admin
