#include "pkg/admin/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pkg/admin/test_client.h"

namespace fairlead::admin {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kAnyPort[] = "127.0.0.1:0";

HttpResponse Echo(const HttpRequest& request) {
  return {.body = std::string(request.path)};
}

std::unique_ptr<HttpServer> StartAt(const std::string& address, HttpHandler handler = Echo) {
  auto server = HttpServer::Start(*base::SocketAddress::Parse(address), std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? *std::move(server) : nullptr;
}

TEST(HttpServer, SaysWhichPortItGot) {
  const auto server = StartAt(kAnyPort);
  ASSERT_NE(server, nullptr);
  EXPECT_NE(server->address().ip_port()->port, 0);
  EXPECT_THAT(TestClient::Get(server->address(), "/here"), EndsWith("\r\n\r\n/here"));
}

TEST(HttpServer, ListensOnIpv6) {
  std::ifstream addresses("/proc/net/if_inet6");
  if (addresses.peek() == std::ifstream::traits_type::eof()) GTEST_SKIP() << "no IPv6 on this machine";
  const auto server = StartAt("[::1]:0");
  ASSERT_NE(server, nullptr);
  EXPECT_THAT(TestClient::Get(server->address(), "/six"), EndsWith("/six"));
}

TEST(HttpServer, ListensOnAUnixSocket) {
  const std::string path = ::testing::TempDir() + "admin_" + std::to_string(::getpid()) + ".sock";
  const auto server = StartAt("unix:" + path);
  ASSERT_NE(server, nullptr);
  EXPECT_THAT(TestClient::Get(server->address(), "/unix"), EndsWith("/unix"));
}

TEST(HttpServer, TellsWhyItCannotBind) {
  const auto first = StartAt(kAnyPort);
  ASSERT_NE(first, nullptr);
  const auto second = HttpServer::Start(first->address(), Echo);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(first->address().ToString()));
}

TEST(HttpServer, DeliversALargeAnswerWhole) {
  const std::string body(8 << 20, 'm');
  const auto server = StartAt(kAnyPort, [&](const HttpRequest&) -> HttpResponse { return {.body = body}; });
  ASSERT_NE(server, nullptr);
  EXPECT_THAT(TestClient::Get(server->address(), "/"), EndsWith("\r\n\r\n" + body));
}

TEST(HttpServer, AnswersWhileOthersOnlyConnectAndWait) {
  const auto server = StartAt(kAnyPort);
  ASSERT_NE(server, nullptr);
  std::vector<std::unique_ptr<TestClient>> idle;
  for (size_t i = 0; i < 2 * HttpServer::kMaxConnections; ++i) {
    idle.push_back(std::make_unique<TestClient>(server->address()));
    ASSERT_TRUE(idle.back()->Connect());
  }
  EXPECT_THAT(TestClient::Get(server->address(), "/probe"), EndsWith("/probe"));
  EXPECT_EQ(idle.front()->ReadAll(), "");  // the oldest had to go
}

// Both happen while the server is busy, so that it meets them in one turn.
TEST(HttpServer, TheOldestMayLeaveJustAsItHasToGo) {
  std::latch asked(1), answer(1);
  const auto server = StartAt(kAnyPort, [&](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/slow") {
      asked.count_down();
      answer.wait();
    }
    return {.body = "here"};
  });
  ASSERT_NE(server, nullptr);
  std::vector<std::unique_ptr<TestClient>> idle;
  for (size_t i = 0; i < HttpServer::kMaxConnections; ++i) {
    idle.push_back(std::make_unique<TestClient>(server->address()));
    ASSERT_TRUE(idle.back()->Connect());
  }
  idle.back()->Send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  asked.wait();
  TestClient newcomer(server->address());
  ASSERT_TRUE(newcomer.Connect());
  idle.erase(idle.begin());
  answer.count_down();
  newcomer.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(newcomer.ReadAll(), EndsWith("here"));
  EXPECT_THAT(TestClient::Get(server->address(), "/"), EndsWith("here"));
}

TEST(HttpServer, ServesSeveralAtOnce) {
  const auto server = StartAt(kAnyPort);
  ASSERT_NE(server, nullptr);
  std::vector<std::thread> clients;
  clients.reserve(4);
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_THAT(TestClient::Get(server->address(), "/x"), EndsWith("/x"));
    });
  }
  for (std::thread& client : clients) client.join();
}

// New descriptors are refused from the moment that the client is about to connect.
TEST(HttpServer, WaitsForADescriptor) {
  const auto server = StartAt(kAnyPort);
  ASSERT_NE(server, nullptr);
  TestClient client(server->address());
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_TRUE(client.Connect());
  client.Send("GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_THAT(client.ReadAll(), EndsWith("/late"));
}

TEST(HttpServer, StopsWithConnectionsOpen) {
  auto server = StartAt(kAnyPort);
  ASSERT_NE(server, nullptr);
  TestClient silent(server->address());
  TestClient halfway(server->address());
  ASSERT_TRUE(silent.Connect());
  ASSERT_TRUE(halfway.Connect());
  halfway.Send("GET / HT");
  EXPECT_THAT(TestClient::Get(server->address(), "/"), StartsWith("HTTP/1.1 200"));
  server.reset();
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(halfway.ReadAll(), "");
}

}  // namespace
}  // namespace fairlead::admin
