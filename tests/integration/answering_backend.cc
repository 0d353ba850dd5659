#include "tests/integration/answering_backend.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <utility>

#include "tests/support/http.h"

namespace fairlead::testing {

AnsweringBackend::AnsweringBackend(std::string name) : name_(std::move(name)), thread_([this] { Run(); }) {}

AnsweringBackend::~AnsweringBackend() {
  Kill();
}

std::string AnsweringBackend::endpoint(std::string_view more) const {
  return fmt::format("{{id: '{}', address: '{}'{}}}", name_, backend_.address().ToString(), more);
}

void AnsweringBackend::Kill() {
  if (!thread_.joinable()) return;
  stopped_ = true;
  ::shutdown(backend_.fd(), SHUT_RDWR);  // wakes the thread
  thread_.join();
  backend_.Close();
  tunnels_.clear();
}

void AnsweringBackend::Run() {
  while (true) {
    pollfd wanted{.fd = backend_.fd(), .events = POLLIN, .revents = 0};
    ::poll(&wanted, 1, -1);
    if (stopped_) return;
    const int fd = ::accept4(backend_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) Answer(Socket(fd));
  }
}

void AnsweringBackend::Answer(Socket connection) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (::recv(connection.fd(), &byte, 1, 0) <= 0) return;  // only wanted to know whether somebody is here
    head += byte;
  }
  if (const int status = status_; status != 0) {
    return connection.Send(fmt::format("HTTP/1.1 {} Told\r\nContent-Length: 0\r\n\r\n", status));
  }
  if (head.find("websocket") == std::string::npos) return connection.Send(OkResponse(name_));
  std::string answer = UpgradeResponse();
  answer.insert(answer.size() - 2, fmt::format("X-Backend: {}\r\n", name_));
  connection.Send(answer);
  tunnels_.push_back(std::move(connection));
}

}  // namespace fairlead::testing
