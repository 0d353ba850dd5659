#include "tests/conformance/http1_stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "tests/conformance/strict_message.h"
#include "tests/support/tls_socket.h"

namespace fairlead::testing {
namespace {

// Asks for what only the proxy answers: proof that a connection goes on, with nothing left over.
constexpr std::string_view kProbe =
    "GET /left/over HTTP/1.1\r\nHost: moved.invalid\r\nConnection: close\r\n\r\n";
constexpr std::string_view kProbeAnswer = "HTTP/1.1 307 ";

// The key of a listener that speaks TLS.
std::string Certified(const PemFiles& files) {
  tls::TestAuthority authority;
  return fmt::format("tls: {{certificates: [{}]}}, ", files.Pair("web", authority.Issue({.names = {"a"}})));
}

std::string Configured(std::string_view listener_keys, const Backend& backend) {
  return fmt::format(
      "listeners: [{{name: web, {}address: 127.0.0.1:0}}]\n"
      "virtual_hosts:\n"
      "- name: moved\n"
      "  domains: [moved.invalid]\n"
      "  routes: [{{name: moved, match: {{prefix: /}}, redirect: {{host: new.invalid, status: 307}}}}]\n"
      "- name: part\n"
      "  domains: [part.invalid]\n"
      "  routes: [{{name: part, match: {{prefix: /public}}, cluster: app}}]\n"
      "- name: plain\n"
      "  domains: [plain.invalid]\n"
      "  routes: [{{name: plain, match: {{prefix: /}}, cluster: app, upgrades: []}}]\n"
      "- name: all\n"
      "  domains: ['*']\n"
      "  routes: [{{name: all, match: {{prefix: /}}, cluster: app, upgrades: ['*']}}]\n"
      "clusters: [{{name: app, endpoints: [{{address: '{}'}}]}}]\n",
      listener_keys, backend.address().ToString());
}

// Reads from the backend's end until the request is whole, or broken off.
std::string ReceiveRequest(Socket& socket, bool cut) {
  if (cut) return socket.ReceiveToGone();
  std::string seen = socket.ReceiveThrough("\r\n\r\n");
  while (true) {
    std::string_view rest = seen;
    const StrictMessage message = TakeMessage(&rest, false);
    if (message.complete || !message.error.empty()) return seen;
    const std::string more = socket.Receive(1);
    if (more.empty()) return seen;
    seen += more;
  }
}

template <typename Connection>
void SendAll(Connection& connection, std::string_view bytes) {
  for (size_t sent; !bytes.empty() && (sent = connection.SendSome(bytes)) > 0;) bytes.remove_prefix(sent);
}

// A record for each piece. No write but the last ends where a record ends: the proxy gets the end of one
// together with the beginning of the next, which is cut at each of its bytes in turn.
void SendCutRecords(TlsSocket& socket, std::string_view bytes, size_t piece,
                    const std::function<void()>& pause) {
  std::string sealed;
  for (size_t turn = 0; !bytes.empty(); ++turn) {
    const std::string record = socket.Seal(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    sealed += record;
    const size_t kept = bytes.empty() ? 0 : 1 + turn % (record.size() - 1);
    SendAll(socket, std::string_view(sealed).substr(0, sealed.size() - kept));
    sealed.erase(0, sealed.size() - kept);
    pause();
  }
}

ClientEnd ConnectOverTls(const RunningProxy& proxy, int version) {
  auto socket = std::make_shared<TlsSocket>(TlsSocket::Connect(proxy.Connect(), {.max_version = version}));
  EXPECT_TRUE(socket->established());
  const auto send = [socket](std::string_view bytes, size_t piece, const std::function<void()>& pause) {
    SendCutRecords(*socket, bytes, piece, pause);
  };
  const auto receive = [socket](std::optional<bool>* in_order) {
    return socket->ReceiveToGone(&in_order->emplace());
  };
  return {.send = send,
          .half_close = [socket] { SendAll(*socket, socket->SealEnd()); },
          .receive_to_the_end = receive};
}

}  // namespace

ClientEnd ConnectPlainly(const RunningProxy& proxy) {
  auto socket = std::make_shared<Socket>(proxy.Connect());
  const auto send = [socket](std::string_view bytes, size_t piece, const std::function<void()>& pause) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      SendAll(*socket, bytes.substr(0, piece));
      pause();
    }
  };
  return {.send = send,
          .half_close = [socket] { socket->End(); },
          .receive_to_the_end = [socket](std::optional<bool>*) { return socket->ReceiveToGone(); }};
}

ClientEnd ConnectOverTls12(const RunningProxy& proxy) {
  return ConnectOverTls(proxy, TLS1_2_VERSION);
}

ClientEnd ConnectOverTls13(const RunningProxy& proxy) {
  return ConnectOverTls(proxy, TLS1_3_VERSION);
}

Http1Stage::Http1Stage(const Transport& transport)
    : transport_(transport),
      proxy_(Configured(transport.proto == "https" ? Certified(certificates_) : "", backend_)) {}

void Http1Stage::Play(const Http1Case& one) {
  const bool to_head = one.sent.starts_with("HEAD ");
  const Http1Outcome& last = one.outcomes.back();
  const ClientEnd client = transport_.connect(proxy_);
  Send(client, one.sent);
  if (one.half_closes) client.half_close();
  Socket at_backend;
  for (const Http1Outcome& outcome : one.outcomes) {
    if (outcome.forwarded) at_backend = PlayBackend(outcome, to_head);
  }
  if (last.afterwards == Afterwards::kKeep) Send(client, kProbe);
  if (last.afterwards == Afterwards::kTunnel) {
    client.half_close();
    EXPECT_EQ(at_backend.ReceiveToGone(), last.relayed);
    at_backend.Close();
  }

  std::optional<bool> in_order;
  const std::string all = client.receive_to_the_end(&in_order);
  std::string_view received = all;
  for (const Http1Outcome& outcome : one.outcomes) ExpectAnswer(outcome, to_head, &received);
  if (last.afterwards == Afterwards::kKeep) {
    EXPECT_THAT(std::string(received), ::testing::StartsWith(std::string(kProbeAnswer)))
        << "the next request is not answered as one";
  } else {
    EXPECT_EQ(received, "") << "more than was asked for";
  }
  // RFC 9112 §9.8: what breaks off must not look as if it had ended.
  if (in_order) {
    EXPECT_EQ(*in_order, last.afterwards != Afterwards::kCut) << "close_notify";
  }
  EXPECT_TRUE(backend_.Idle()) << "a backend is connected to that nothing was to be sent to";
  while (!backend_.Idle()) backend_.Accept();  // the next case begins anew
}

void Http1Stage::ExpectEmpty() const {
  proxy_.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 0);
  proxy_.AwaitSum("fairlead_open_tunnels", 0);
}

void Http1Stage::Send(const ClientEnd& client, std::string_view bytes) {
  if (!transport_.byte_by_byte) return client.send(bytes, bytes.size(), [] {});
  constexpr size_t kMostPieces = 512;
  client.send(bytes, std::max<size_t>(1, bytes.size() / kMostPieces), [this] { proxy_.Settle(); });
}

Socket Http1Stage::PlayBackend(const Http1Outcome& outcome, bool to_head) {
  Socket socket = backend_.Accept();
  if (!socket.open()) return socket;
  ExpectForwarded(outcome, ReceiveRequest(socket, outcome.forwarded_cut));
  if (outcome.forwarded_cut) return socket;
  std::string_view answer = outcome.backend_answer;
  for (; transport_.byte_by_byte && answer.size() > 1; answer.remove_prefix(1)) {
    socket.SendSome(answer.substr(0, 1));
    proxy_.Settle();
  }
  socket.SendSome(answer);
  if (outcome.afterwards == Afterwards::kTunnel) return socket;
  socket.End();
  EXPECT_EQ(socket.ReceiveToGone(), "") << "behind the request" << (to_head ? " (a HEAD)" : "");
  return socket;
}

void Http1Stage::ExpectForwarded(const Http1Outcome& outcome, std::string_view seen) {
  std::string_view rest = seen;
  const StrictMessage message = TakeMessage(&rest, false);
  EXPECT_EQ(message.error, "");
  EXPECT_EQ(rest, "") << "behind the request";
  EXPECT_EQ(message.complete, !outcome.forwarded_cut) << seen;
  const std::string wanted = WithOwnFields(*outcome.forwarded, message.head);
  std::string_view wanted_rest = wanted;
  const StrictMessage expected = TakeMessage(&wanted_rest, false);
  EXPECT_EQ(expected.error, "") << "the case itself";
  EXPECT_EQ(wanted_rest, "") << "the case itself";
  EXPECT_EQ(message.head, expected.head);
  EXPECT_EQ(message.trailers, expected.trailers);
  if (outcome.forwarded_cut) {
    EXPECT_THAT(expected.body, ::testing::StartsWith(message.body));
  } else {
    EXPECT_EQ(message.body, expected.body);
  }
}

void Http1Stage::ExpectAnswer(const Http1Outcome& outcome, bool to_head, std::string_view* received) {
  if (outcome.status == 0) {
    std::string_view wanted = outcome.answered;
    while (!wanted.empty()) {
      const StrictMessage expected = TakeMessage(&wanted, to_head);
      const StrictMessage message = TakeMessage(received, to_head);
      EXPECT_EQ(message.error, "");
      EXPECT_EQ(message.head, expected.head);
      EXPECT_EQ(message.trailers, expected.trailers);
      EXPECT_EQ(message.complete, expected.complete);
      EXPECT_EQ(message.body, expected.body);
      // Whoever sends an answer, or a break within it, that its framing cannot show has written no case.
      if (wanted.empty()) {
        EXPECT_EQ(expected.complete, outcome.afterwards != Afterwards::kCut);
      }
    }
    return;
  }
  const StrictMessage message = TakeMessage(received, to_head);
  EXPECT_EQ(message.error, "");
  EXPECT_TRUE(message.complete);
  EXPECT_EQ(message.head.substr(0, 13), fmt::format("HTTP/1.1 {} ", outcome.status));
  const bool closes = FieldOf(message.head, "Connection").find("close") != std::string_view::npos;
  EXPECT_EQ(closes, outcome.afterwards == Afterwards::kClose) << message.head;
}

std::string Http1Stage::WithOwnFields(std::string_view expected, std::string_view seen) const {
  constexpr std::string_view kOpening = "<client ";
  const size_t at = expected.find(kOpening);
  if (at == std::string_view::npos) return std::string(expected);
  const size_t end = expected.find(">\r\n", at);
  const std::string_view id = FieldOf(seen, "X-Request-Id");
  const bool is_ours = id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  EXPECT_TRUE(is_ours) << "X-Request-Id: " << id;
  const std::string_view host = expected.substr(at + kOpening.size(), end - at - kOpening.size());
  return fmt::format(
      "{}X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: {}\r\n{}"
      "X-Forwarded-Port: {}\r\nX-Real-IP: 127.0.0.1\r\nX-Request-Id: {}\r\n{}",
      expected.substr(0, at), transport_.proto,
      host.empty() ? "" : fmt::format("X-Forwarded-Host: {}\r\n", host), proxy_.address().ip_port()->port, id,
      expected.substr(end + 3));
}

}  // namespace fairlead::testing
