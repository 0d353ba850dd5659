#include "pkg/admin/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "pkg/admin/test_client.h"

namespace fairlead::admin {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class AdminServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = StartAdminServer(*base::SocketAddress::Parse("127.0.0.1:0"),
                                   {.config = [] { return std::string("{\"listeners\": []}"); }});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string Get(std::string_view path, std::string_view host = "localhost:9181") const {
    return TestClient::Get(server_->address(), path, host);
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(AdminServerTest, ShowsTheConfiguration) {
  const std::string response = Get("/config");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\n{\"listeners\": []}"));
}

TEST_F(AdminServerTest, HasAnIndex) {
  const std::string response = Get("/");
  EXPECT_THAT(response, HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(response, HasSubstr("<a href=\"/config\">"));
}

TEST_F(AdminServerTest, KnowsNothingElse) {
  EXPECT_THAT(Get("/metrics"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("/configs"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(AdminServerTest, AnswersToAddressesAndLocalhost) {
  for (const char* host :
       {"localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:9181", "[::1]", "[::1]:9181", "10.1.2.3"}) {
    EXPECT_THAT(Get("/config", host), StartsWith("HTTP/1.1 200 ")) << host;
  }
}

TEST_F(AdminServerTest, DoesNotAnswerToOtherNames) {
  for (const char* host : {"evil.example", "evil.example:9181", "localhost.evil.example",
                           "127.0.0.1.evil.example", "127.0.0.1.:80", "localhost.", "1"}) {
    const std::string response = Get("/config", host);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 421 ")) << host;
    EXPECT_THAT(response, Not(HasSubstr("listeners"))) << host;
  }
}

TEST_F(AdminServerTest, DoesNotAnswerWithoutAName) {
  TestClient client(server_->address());
  ASSERT_TRUE(client.Connect());
  client.Send("GET /config HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 421 "));
}

TEST_F(AdminServerTest, GivesNothingToPagesOfOtherOrigins) {
  TestClient client(server_->address());
  ASSERT_TRUE(client.Connect());
  client.Send("GET /config HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n");
  const std::string response = client.ReadAll();
  EXPECT_THAT(response, Not(HasSubstr("Access-Control-")));
  EXPECT_THAT(response, HasSubstr("Cross-Origin-Resource-Policy: same-origin\r\n"));
  EXPECT_THAT(response, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(response, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(response, HasSubstr("Cache-Control: no-store\r\n"));
}

}  // namespace
}  // namespace fairlead::admin
