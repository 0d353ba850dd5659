#include "pkg/proxy/forwarding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "pkg/proxy/test_request.h"

namespace fairlead::proxy {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kHost = "Host: chat.example.com\r\n";

config::Route PlainRoute() {
  config::Route route;
  route.name = "ws";
  route.match.path = config::PrefixMatch{"/"};
  route.upgrades = {"websocket"};
  return route;
}

ClientIdentity Stranger() {
  return {.ip = base::IpAddress::Parse("198.51.100.7"),
          .believed = false,
          .forwarded_for = "198.51.100.7",
          .proto = "http",
          .host = "chat.example.com",
          .port = "8080"};
}

const route::Variables kVariables{.client_ip = "198.51.100.7",
                                  .host = "chat.example.com",
                                  .request_id = "0123",
                                  .listener = "web",
                                  .route = "ws",
                                  .cluster = "chat"};

// What the backend gets of a request with this head.
std::string Forward(std::string_view head, const config::Route& route = PlainRoute(),
                    std::string_view upgrade = {}, const ClientIdentity& client = Stranger()) {
  const ParsedRequest request(head);
  return RequestHeadFor({.head = request.head(),
                         .route = route::Route("chat", route, {{.cluster = "chat"}}),
                         .client = client,
                         .variables = kVariables,
                         .upgrade = upgrade});
}

std::string Get(std::string_view fields) {
  return "GET / HTTP/1.1\r\n" + std::string(kHost) + std::string(fields) + "\r\n";
}

// What the client gets of an answer with this head.
std::string Answer(std::string_view head, ConnectionOption option = ConnectionOption::kNone,
                   const config::Route& route = PlainRoute(),
                   http1::BodyFraming body = {http1::Framing::kContentLength, 5}) {
  const ParsedResponse response(head);
  return ResponseHeadFor({.head = response.head(),
                          .route = route::Route("chat", route, {{.cluster = "chat"}}),
                          .variables = kVariables,
                          .body = body,
                          .connection = option});
}

TEST(RequestHeadFor, IsWhatWasAskedAndWhoAsks) {
  EXPECT_EQ(Forward("GET /a/b?c=d HTTP/1.1\r\nHost: Chat.example.com:8080\r\nAccept: */*\r\n\r\n"),
            "GET /a/b?c=d HTTP/1.1\r\n"
            "Host: Chat.example.com:8080\r\n"
            "Accept: */*\r\n"
            "X-Forwarded-For: 198.51.100.7\r\n"
            "X-Forwarded-Proto: http\r\n"
            "X-Forwarded-Host: chat.example.com\r\n"
            "X-Forwarded-Port: 8080\r\n"
            "X-Real-IP: 198.51.100.7\r\n"
            "X-Request-Id: 0123\r\n"
            "Connection: close\r\n\r\n");
}

TEST(RequestHeadFor, LeavesOutWhatIsBetweenTwoHops) {
  const std::string head =
      Forward(Get("Connection: keep-alive, X-Private, close\r\nKeep-Alive: timeout=5\r\nX-Private: 1\r\n"
                  "Proxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\n"
                  "X-Public: 2\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("X-Private")));
  EXPECT_THAT(head, Not(HasSubstr("Keep-Alive")));
  EXPECT_THAT(head, Not(HasSubstr("Proxy-")));
  EXPECT_THAT(head, Not(HasSubstr("TE:")));
  EXPECT_THAT(head, HasSubstr("X-Public: 2\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nConnection: close\r\n"));
}

TEST(RequestHeadFor, ConnectionCannotTakeAwayWhatTheProxySays) {
  const std::string head = Forward(Get("Connection: X-Forwarded-For, X-Real-IP, Host\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Forwarded-For: 198.51.100.7\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Real-IP: 198.51.100.7\r\n"));
  EXPECT_THAT(head, HasSubstr("Host: chat.example.com\r\n"));
}

TEST(RequestHeadFor, AnUpgradeIsMadeAgain) {
  const std::string head = Forward(
      Get("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket, other/1\r\nSec-WebSocket-Version: 13\r\n"),
      PlainRoute(), "WebSocket");
  EXPECT_THAT(head, HasSubstr("\r\nUpgrade: WebSocket\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nConnection: upgrade\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("other/1")));
}

TEST(RequestHeadFor, AnUpgradeThatIsNotAllowedIsNotPassedOn) {
  const std::string head = Forward(Get("Connection: Upgrade\r\nUpgrade: h2c\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("h2c")));
  EXPECT_THAT(head, HasSubstr("\r\nConnection: close\r\n"));
}

TEST(RequestHeadFor, AStrangersClaimsAreReplaced) {
  const std::string head =
      Forward(Get("X-Forwarded-For: 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\nX-Forwarded-Proto: https\r\n"
                  "X-Request-Id: mine\r\nForwarded: for=10.0.0.1\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("10.0.0.1")));
  EXPECT_THAT(head, Not(HasSubstr("https")));
  EXPECT_THAT(head, Not(HasSubstr("mine")));
  EXPECT_THAT(head, HasSubstr("X-Forwarded-For: 198.51.100.7\r\n"));
}

TEST(RequestHeadFor, OfAStrangerNoForwardedFieldPasses) {
  const std::string head = Forward(
      Get("X-Forwarded-Prefix: /evil\r\nX-Forwarded-Client-Cert: evil\r\nx-forwarded-user: evil\r\n"
          "X-Forwarded-: evil\r\nX_Forwarded_For: evil\r\nx-forwarded_ssl: evil\r\nX-Real_IP: evil\r\n"
          "X_Request_Id: evil\r\nX-Forward: kept\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("evil")));
  EXPECT_THAT(head, HasSubstr("X-Forward: kept\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Forwarded-For: 198.51.100.7\r\n"));
}

TEST(RequestHeadFor, ATrustedProxysFieldsPassInTheirProperSpelling) {
  ClientIdentity client = Stranger();
  client.believed = true;
  const std::string head =
      Forward(Get("X-Forwarded-Prefix: /app\r\nX_Forwarded_For: evil\r\nx_real_ip: evil\r\n"), PlainRoute(),
              "", client);
  EXPECT_THAT(head, HasSubstr("X-Forwarded-Prefix: /app\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("evil"))) << "its client may have sent it";
}

TEST(RequestHeadFor, ARouteMaySetAForwardedFieldOfItsOwn) {
  config::Route route = PlainRoute();
  route.request_headers.set = {{"x-forwarded-prefix", "/app"}};
  EXPECT_THAT(Forward(Get("X-Forwarded-Prefix: /evil\r\n"), route),
              HasSubstr("x-forwarded-prefix: /app\r\n"));
}

TEST(RequestHeadFor, WithoutAnAddressNobodyIsNamed) {
  ClientIdentity unknown = Stranger();
  unknown.ip.reset();
  unknown.forwarded_for.clear();
  unknown.port.clear();
  const std::string head =
      Forward(Get("X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Port: 1\r\n"), PlainRoute(), "", unknown);
  EXPECT_THAT(head, Not(HasSubstr("X-Forwarded-For")));
  EXPECT_THAT(head, Not(HasSubstr("X-Forwarded-Port")));
}

TEST(RequestHeadFor, ForwardedAndViaAreAddedWhereAsked) {
  config::Route route = PlainRoute();
  route.forwarded_header = route.via_header = true;
  const std::string head = Forward(Get("Via: 1.1 cdn\r\nForwarded: for=10.0.0.1\r\n"), route);
  EXPECT_THAT(head, HasSubstr("\r\nForwarded: for=198.51.100.7;host=\"chat.example.com\";proto=http\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nVia: 1.1 cdn, 1.1 fairlead\r\n"));
}

TEST(RequestHeadFor, ATrustedProxysForwardedIsContinued) {
  config::Route route = PlainRoute();
  route.forwarded_header = true;
  ClientIdentity client = Stranger();
  client.believed = true;
  client.ip = base::IpAddress::Parse("2001:db8::1");
  EXPECT_THAT(
      Forward(Get("Forwarded: for=203.0.113.9\r\n"), route, "", client),
      HasSubstr(
          "\r\nForwarded: for=203.0.113.9, for=\"[2001:db8::1]\";host=\"chat.example.com\";proto=http\r\n"));
}

TEST(RequestHeadFor, RewritesThePathAndTheHost) {
  config::Route route = PlainRoute();
  route.match.path = config::PrefixMatch{"/chat"};
  route.rewrite = {.prefix = "/", .host = "backend.internal"};
  const std::string head = Forward("GET /chat/room?id=1 HTTP/1.1\r\nHost: chat.example.com\r\n\r\n", route);
  EXPECT_THAT(head, StartsWith("GET /room?id=1 HTTP/1.1\r\nHost: backend.internal\r\n"));
  EXPECT_THAT(head, HasSubstr("X-Forwarded-Host: chat.example.com\r\n"));
}

TEST(RequestHeadFor, HeaderRulesHaveTheLastWord) {
  config::Route route = PlainRoute();
  route.request_headers = {.set = {{"x-tenant", "%route%/%client_ip%"}},
                           .add = {{"x-seen", "%listener%"}},
                           .remove = {"cookie", "x-forwarded-port"}};
  const std::string head = Forward(Get("Cookie: secret\r\nX-Tenant: forged\r\nX-Seen: before\r\n"), route);
  EXPECT_THAT(head, Not(HasSubstr("secret")));
  EXPECT_THAT(head, Not(HasSubstr("forged")));
  EXPECT_THAT(head, Not(HasSubstr("X-Forwarded-Port")));
  EXPECT_THAT(head, HasSubstr(": ws/198.51.100.7\r\n"));
  EXPECT_THAT(head, ContainsRegex("X-Seen: before\r\n(.*\r\n)*x-seen: web\r\n"));
}

TEST(RequestHeadFor, TellsTheLengthOfTheBodyOnce) {
  EXPECT_THAT(Forward("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"),
              HasSubstr("\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"));
  const std::string chunked =
      Forward("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
  EXPECT_THAT(chunked, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(chunked, HasSubstr("\r\nTrailer: X-Sum\r\n"));
}

TEST(RequestHeadFor, Http10BecomesHttp11) {
  EXPECT_THAT(Forward("GET /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"),
              StartsWith("GET /x HTTP/1.1\r\nHost: a\r\n"));
}

TEST(RequestHeadFor, AnAbsoluteFormGoesOnAsOriginForm) {
  EXPECT_THAT(Forward("GET http://b.example.com/x?y HTTP/1.1\r\nHost: b.example.com\r\n\r\n"),
              StartsWith("GET /x?y HTTP/1.1\r\nHost: b.example.com\r\n"));
}

TEST(RequestHeadFor, OptionsOfTheWholeServerStaySo) {
  EXPECT_THAT(Forward("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("OPTIONS * HTTP/1.1\r\n"));
}

constexpr std::string_view kOk =
    "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nServer: backend\r\nConnection: close, X-Private\r\n"
    "Keep-Alive: timeout=5\r\nX-Private: 1\r\nProxy-Authenticate: Basic\r\n\r\n";

TEST(ResponseHeadFor, IsTheAnswerWithoutWhatIsBetweenTwoHops) {
  EXPECT_EQ(Answer(kOk), "HTTP/1.1 200 Fine\r\nServer: backend\r\nContent-Length: 5\r\n\r\n");
}

TEST(ResponseHeadFor, SaysWhatBecomesOfTheConnection) {
  EXPECT_THAT(Answer(kOk, ConnectionOption::kClose), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(Answer(kOk, ConnectionOption::kKeepAlive), HasSubstr("\r\nConnection: keep-alive\r\n"));
}

TEST(ResponseHeadFor, FramesTheBodyAsItGoesOn) {
  EXPECT_THAT(Answer(kOk, ConnectionOption::kNone, PlainRoute(), {http1::Framing::kChunked, {}}),
              HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  const std::string until_close =
      Answer(kOk, ConnectionOption::kClose, PlainRoute(), {http1::Framing::kUntilClose, {}});
  EXPECT_THAT(until_close, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(until_close, Not(HasSubstr("Transfer-Encoding")));
}

TEST(ResponseHeadFor, A101NamesTheProtocolThatFollows) {
  EXPECT_EQ(Answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                   ConnectionOption::kUpgrade, PlainRoute(), {}),
            "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n");
}

// RFC 9110 §15.5.22.
TEST(ResponseHeadFor, A426NamesTheProtocolThatIsWanted) {
  constexpr std::string_view kRequired =
      "HTTP/1.1 426 Upgrade Required\r\nUpgrade: foo/2, bar\r\nConnection: Upgrade\r\nContent-Length: "
      "5\r\n\r\n";
  EXPECT_EQ(Answer(kRequired),
            "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 5\r\nUpgrade: foo/2, bar\r\n"
            "Connection: upgrade\r\n\r\n");
  EXPECT_THAT(Answer(kRequired, ConnectionOption::kClose), HasSubstr("\r\nConnection: close, upgrade\r\n"));
  EXPECT_THAT(Answer(kRequired, ConnectionOption::kKeepAlive),
              HasSubstr("\r\nConnection: keep-alive, upgrade\r\n"));
  EXPECT_THAT(Answer("HTTP/1.1 200 OK\r\nUpgrade: foo\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\n"),
              Not(HasSubstr("pgrade")));
}

TEST(ResponseHeadFor, AppliesTheRulesForAnswersAndVia) {
  config::Route route = PlainRoute();
  route.via_header = true;
  route.response_headers = {.set = {{"server", "fairlead"}}, .add = {}, .remove = {}};
  const std::string head = Answer(kOk, ConnectionOption::kNone, route);
  EXPECT_THAT(head, HasSubstr(": fairlead\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("backend")));
  EXPECT_THAT(head, HasSubstr("\r\nVia: 1.1 fairlead\r\n"));
}

}  // namespace
}  // namespace fairlead::proxy
