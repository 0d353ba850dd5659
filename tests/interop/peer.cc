// A client or a backend in OpenSSL or GnuTLS: upgrades, then sends and receives as much as it is told to, and
// says what it was in a line of JSON.

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/interop/exchange.h"

namespace fairlead::interop {
namespace {

constexpr std::string_view kRequest =
    "GET / HTTP/1.1\r\nHost: interop.test\r\nConnection: Upgrade\r\nUpgrade: bulk\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: bulk\r\n\r\n";
// So that the other side soon cannot write when this one does not read.
constexpr int kReceiveBuffer = 65'536;

int Connect(uint16_t port, bool stalls) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (stalls) ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int result = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  return result == 0 ? fd : -1;
}

int Accept(bool stalls) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  if (stalls) ::setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 1) != 0)
    return -1;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::cout << "listening on 127.0.0.1:" << ntohs(address.sin_port) << std::endl;
  return ::accept(listener, nullptr, nullptr);
}

bool Send(Session& session, std::string_view bytes) {
  while (!bytes.empty()) {
    size_t taken = 0;
    if (session.Write(bytes, &taken) != Session::Result::kDone) return false;
    bytes.remove_prefix(taken);
  }
  return true;
}

// A byte at a time: what comes behind it is the exchange's.
std::string ReceiveHead(Session& session) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    size_t size = 0;
    const Session::Result result = session.Read(&byte, 1, &size);
    // A stack may hand back after a ticket.
    if (result == Session::Result::kWantsRead) continue;
    if (result != Session::Result::kDone) return "";
    head += byte;
  }
  return head;
}

bool Upgrade(Session& session, bool server) {
  if (server) return !ReceiveHead(session).empty() && Send(session, kResponse);
  return Send(session, kRequest) && ReceiveHead(session).starts_with("HTTP/1.1 101 ");
}

int Run(const std::string& stack, const Identity& identity, uint16_t port, const Plan& plan) {
  const int fd = identity.server ? Accept(plan.stalls) : Connect(port, plan.stalls);
  const auto session = stack == "gnutls" ? NewGnuTlsSession(identity, fd) : NewOpenSslSession(identity, fd);
  if (session->Shake() != Session::Result::kDone || !Upgrade(*session, identity.server)) {
    std::cerr << "no connection: " << session->error() << "\n";
    return 1;
  }
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  const std::optional<Outcome> outcome = Exchange(*session, fd, plan);
  if (!outcome) {
    std::cerr << "broken off: " << session->error() << "\n";
    return 1;
  }
  std::cout << fmt::format(
                   R"({{"sent": [{}, "{}"], "received": [{}, "{}"], "updates_sent": {}, "updates_seen": {}, )"
                   R"("orderly": {}}})",
                   outcome->sent, outcome->sent_sha256, outcome->received, outcome->received_sha256,
                   outcome->updates_sent, session->updates_seen(), outcome->orderly)
            << std::endl;
  ::close(fd);
  return 0;
}

}  // namespace
}  // namespace fairlead::interop

int main(int argc, char** argv) {
  CLI::App app("A TLS peer that others wrote the TLS of");
  std::string stack;
  fairlead::interop::Identity identity;
  uint16_t port = 0;
  fairlead::interop::Plan plan;
  app.add_option("stack", stack)->required()->check(CLI::IsMember({"openssl", "gnutls"}));
  app.add_flag("--server", identity.server, "Accepts one connection");
  app.add_option("--port", port, "Of 127.0.0.1, to connect to");
  app.add_option("--cert", identity.cert_file);
  app.add_option("--key", identity.key_file);
  app.add_option("--ca", identity.ca_file);
  app.add_option("--name", identity.name);
  app.add_option("--suite", identity.suite);
  app.add_option("--bytes", plan.bytes);
  app.add_option("--update-every", plan.update_every);
  app.add_flag("--stalls", plan.stalls);
  CLI11_PARSE(app, argc, argv);
  plan.client = !identity.server;
  // Held back until it is waited for.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return fairlead::interop::Run(stack, identity, port, plan);
}
