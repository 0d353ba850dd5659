#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kEmpty = "drain: {delay: 5s}\nclusters: []\n";

TEST(Ports, AScrapeSeesWhatIsCounted) {
  Backend backend;
  const RunningProxy proxy(OneCluster({&backend}), {.ports = true});
  const TunnelEnds tunnel = OpenTunnel(proxy, backend);
  const Response response = proxy.AskTelemetry("/metrics");
  EXPECT_EQ(response.head.status(), 200);
  EXPECT_THAT(response.body, AllOf(HasSubstr("\nfairlead_open_connections{listener=\"web\"} 1\n"),
                                   HasSubstr("\nfairlead_build_info{"), HasSubstr("\nprocess_open_fds ")));
}

TEST(Ports, ADrainingProxyIsAliveAndNotReady) {
  RunningProxy proxy(std::string(kEmpty), {.ports = true});
  EXPECT_EQ(proxy.AskTelemetry("/livez").head.status(), 200);
  EXPECT_EQ(proxy.AskTelemetry("/readyz").head.status(), 200);
  proxy.Drain();
  EXPECT_EQ(proxy.AskTelemetry("/livez").head.status(), 200);
  EXPECT_EQ(proxy.AskTelemetry("/readyz").head.status(), 503);
}

TEST(Ports, TheAdminPortShowsTheConfigurationInForce) {
  RunningProxy proxy(std::string(kEmpty), {.ports = true});
  EXPECT_THAT(proxy.AskAdmin("/config").body, Not(HasSubstr("added")));
  EXPECT_EQ(proxy.Apply("clusters: [{name: added, endpoints: []}]\n"), std::vector<std::string>());
  EXPECT_THAT(proxy.AskAdmin("/config").body, HasSubstr("added"));
  EXPECT_EQ(proxy.AskTelemetry("/config").head.status(), 404) << "what names backends is not for everybody";
}

// What stands in the way of a start with this file.
std::string WhyNot(const std::string& yaml) {
  const base::SystemClock clock;
  config::Loaded loaded = config::LoadYaml("access_log: {mode: DISABLED}\n" + yaml);
  for (const config::Violation& violation : loaded.violations) ADD_FAILURE() << violation.ToString();
  const auto server = app::Server::Start({.file = *std::move(loaded.file), .clock = &clock});
  return server.ok() ? "" : std::string(server.status().message());
}

TEST(Ports, AnAddressThatIsTakenRefusesTheStart) {
  const Backend occupied;
  const std::string address = occupied.address().ToString();
  const std::string closed = "telemetry: {address: ''}\nadmin: {address: ''}\n";
  EXPECT_THAT(WhyNot(closed + fmt::format("listeners: [{{name: web, address: '{}'}}]\n", address)),
              AllOf(HasSubstr("listeners[0].address"), HasSubstr(address)));
  EXPECT_THAT(WhyNot(fmt::format("telemetry: {{address: '{}'}}\nadmin: {{address: ''}}\n", address)),
              HasSubstr(address));
  EXPECT_THAT(WhyNot(fmt::format("telemetry: {{address: ''}}\nadmin: {{address: '{}'}}\n", address)),
              HasSubstr(address));
}

}  // namespace
}  // namespace fairlead::testing
