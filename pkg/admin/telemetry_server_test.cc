#include "pkg/admin/telemetry_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "pkg/admin/test_client.h"

namespace fairlead::admin {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TelemetryServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = StartTelemetryServer(
        *base::SocketAddress::Parse("127.0.0.1:0"),
        {.metrics = [] { return std::string("fairlead_up 1\n"); },
         .ready = [this] { return ready_ ? absl::OkStatus() : absl::UnavailableError("draining"); }});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string Get(std::string_view path) const {
    return TestClient::Get(server_->address(), path, "any.name:80");
  }

  std::atomic<bool> ready_{true};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(TelemetryServerTest, ShowsMetricsAsPrometheusAsksForThem) {
  const std::string response = Get("/metrics");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\nfairlead_up 1\n"));
}

TEST_F(TelemetryServerTest, IsReadyWhileAskedToBe) {
  EXPECT_THAT(Get("/readyz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  ready_ = false;
  const std::string response = Get("/readyz");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\ndraining\n"));
}

TEST_F(TelemetryServerTest, LivesThoughItIsNotReady) {
  ready_ = false;
  EXPECT_THAT(Get("/livez"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(TelemetryServerTest, ShowsNothingElse) {
  for (const char* path : {"/", "/config", "/metrics/", "/metrics/..", "/livez/x"}) {
    EXPECT_THAT(Get(path), ::testing::AnyOf(StartsWith("HTTP/1.1 404"), StartsWith("HTTP/1.1 400"))) << path;
  }
}

TEST_F(TelemetryServerTest, TakesAQuery) {
  EXPECT_THAT(Get("/readyz?verbose"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

}  // namespace
}  // namespace fairlead::admin
