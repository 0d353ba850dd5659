#include "pkg/telemetry/collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "pkg/telemetry/worker_stats.h"

namespace fairlead::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CollectorTest : public ::testing::Test {
 protected:
  std::string Render() { return Collector(sources_).Render(); }

  // The value of a series, "name{label=\"value\"}"; -1 when there is none.
  double Value(const std::string& series) {
    std::istringstream text(Render());
    for (std::string line; std::getline(text, line);) {
      if (line.rfind(series + " ", 0) == 0) return std::stod(line.substr(series.size()));
    }
    return -1;
  }

  StatsRegistry registry_;
  ProcessStats process_;
  WorkerStats one_{registry_, 0};
  WorkerStats two_{registry_, 1};
  Collector::Sources sources_{.build = {"1.2.3", "abcdef"},
                              .stats = &registry_,
                              .process = &process_,
                              .access_log = nullptr,
                              .endpoints = {}};
};

constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz_";

// The length of {label="value",…} at the front of `text`; 0 when there is none, npos when it is malformed.
size_t LabelsLength(std::string_view text) {
  if (text.substr(0, 1) != "{") return 0;
  size_t at = 0;
  do {
    const size_t name = ++at;
    at = text.find_first_not_of(kNameCharacters, name);
    if (at == name || text.substr(at, 2) != "=\"") return std::string_view::npos;
    for (at += 2; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\';
    ++at;
  } while (text.substr(at, 1) == ",");
  return text.substr(at, 1) == "}" ? at + 1 : std::string_view::npos;
}

// Text format 0.0.4: the HELP and TYPE of a family stand before its samples, these together, no series comes
// twice.
void ExpectWellFormed(const std::string& text) {
  std::set<std::string> series;
  std::set<std::string> families;
  std::string family;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# HELP ", 0) == 0) continue;
    if (line.rfind("# TYPE ", 0) == 0) {
      std::istringstream words(line.substr(7));
      std::string type;
      words >> family >> type;
      EXPECT_TRUE(families.insert(family).second) << line;
      EXPECT_EQ(type == "counter", family.ends_with("_total")) << line;
      continue;
    }
    const size_t name = line.find_first_not_of(kNameCharacters);
    ASSERT_NE(name, std::string::npos) << line;
    EXPECT_EQ(line.rfind(family, 0), 0u) << line;
    const size_t labels = LabelsLength(std::string_view(line).substr(name));
    ASSERT_NE(labels, std::string_view::npos) << line;
    const std::string value = line.substr(name + labels);
    ASSERT_EQ(value.rfind(' ', 0), 0u) << line;
    size_t used = 0;
    EXPECT_NO_THROW(std::stod(value, &used)) << line;
    EXPECT_EQ(used, value.size()) << line;
    EXPECT_TRUE(series.insert(line.substr(0, name + labels)).second) << line;
  }
  EXPECT_FALSE(families.empty());
}

TEST_F(CollectorTest, AddsUpListenersOverWorkers) {
  one_.Listener("web")->ConnectionOpened();
  two_.Listener("web")->ConnectionOpened();
  two_.Listener("web")->ConnectionOpened();
  two_.Listener("web")->ConnectionClosed();
  two_.Listener("web")->UpgradeRejected(RejectReason::kNoRoute);
  EXPECT_EQ(Value("fairlead_open_connections{listener=\"web\"}"), 2);
  EXPECT_EQ(Value("fairlead_connections_accepted_total{listener=\"web\"}"), 3);
  EXPECT_EQ(Value("fairlead_upgrades_rejected_total{listener=\"web\",reason=\"no_route\"}"), 1);
  EXPECT_EQ(Value("fairlead_upgrades_rejected_total{listener=\"web\",reason=\"timeout\"}"), -1);
}

TEST_F(CollectorTest, AddsUpRoutesOverWorkersAndListeners) {
  for (const char* listener : {"web", "alt"}) {
    for (WorkerStats* worker : {&one_, &two_}) {
      const RouteStatsRef stats = worker->Route(listener, "ws", "chat");
      stats->TunnelOpened(UpgradeKind::kWebSocket);
      stats->TunnelOpened(UpgradeKind::kOther);
      stats->TunnelClosed(UpgradeKind::kOther, CloseReason::kIdleTimeout);
      stats->upgrades.Add(101);
      stats->requests.Add(799);
      stats->bytes_received.Add(10);
      stats->bytes_sent.Add(100);
    }
  }
  EXPECT_EQ(Value(R"(fairlead_open_tunnels{listener="web",route="ws",cluster="chat",upgrade="websocket"})"),
            2);
  EXPECT_EQ(Value(R"(fairlead_open_tunnels{listener="web",route="ws",cluster="chat",upgrade="other"})"), 0);
  EXPECT_EQ(Value(R"(fairlead_idle_timeouts_total{listener="alt",route="ws",cluster="chat"})"), 2);
  EXPECT_EQ(Value(R"(fairlead_tunnels_closed_total{route="ws",cluster="chat",reason="idle_timeout"})"), 4);
  EXPECT_EQ(Value(R"(fairlead_upgrades_total{route="ws",cluster="chat",code="101"})"), 4);
  EXPECT_EQ(Value(R"(fairlead_requests_total{route="ws",cluster="chat",code="other"})"), 4);
  EXPECT_EQ(Value(R"(fairlead_bytes_total{route="ws",cluster="chat",direction="received"})"), 40);
  EXPECT_EQ(Value(R"(fairlead_bytes_total{route="ws",cluster="chat",direction="sent"})"), 400);
}

TEST_F(CollectorTest, KeepsARoutesSumsWhenAListenerGoes) {
  one_.Route("web", "ws", "chat")->bytes_sent.Add(1);
  one_.Route("extra", "ws", "chat")->bytes_sent.Add(10);
  one_.Prune([](std::string_view listener) { return listener == "web"; },
             [](const RouteLabels& labels) { return labels.listener == "web"; });
  EXPECT_EQ(Value(R"(fairlead_bytes_total{route="ws",cluster="chat",direction="sent"})"), 11);
  EXPECT_THAT(Render(), Not(HasSubstr("listener=\"\"")));
  EXPECT_THAT(Render(), Not(HasSubstr("extra")));
}

TEST_F(CollectorTest, MakesHistogramsCumulative) {
  one_.instruments().tunnel_duration.Observe(std::chrono::milliseconds(500));
  two_.instruments().tunnel_duration.Observe(std::chrono::seconds(3));
  two_.instruments().tunnel_duration.Observe(std::chrono::hours(24 * 30));
  two_.instruments().loop_lag.Observe(std::chrono::milliseconds(2));
  EXPECT_EQ(Value(R"(fairlead_tunnel_duration_seconds_bucket{le="1"})"), 1);
  EXPECT_EQ(Value(R"(fairlead_tunnel_duration_seconds_bucket{le="5"})"), 2);
  EXPECT_EQ(Value(R"(fairlead_tunnel_duration_seconds_bucket{le="604800"})"), 2);
  EXPECT_EQ(Value(R"(fairlead_tunnel_duration_seconds_bucket{le="+Inf"})"), 3);
  EXPECT_EQ(Value("fairlead_tunnel_duration_seconds_count"), 3);
  EXPECT_EQ(Value("fairlead_tunnel_duration_seconds_sum"), 3.5 + 30 * 86400);
  EXPECT_EQ(Value(R"(fairlead_loop_lag_seconds_bucket{worker="1",le="0.0025"})"), 1);
  EXPECT_EQ(Value(R"(fairlead_loop_lag_seconds_count{worker="0"})"), 0);
}

TEST_F(CollectorTest, AddsUpBufferedBytes) {
  one_.instruments().buffered_bytes.Set(7);
  two_.instruments().buffered_bytes.Set(8);
  EXPECT_EQ(Value("fairlead_buffered_bytes"), 15);
}

TEST_F(CollectorTest, TellsHowItIsControlled) {
  EXPECT_EQ(Value("fairlead_control_connected"), 0);
  EXPECT_EQ(Value("fairlead_config_stale"), 0);
  process_.SetControlConnected(true);
  process_.SetConfigStale(true);
  process_.ConfigPushRejected();
  process_.ConfigFleetRejected();
  process_.ConfigFleetRejected();
  EXPECT_EQ(Value("fairlead_control_connected"), 1);
  EXPECT_EQ(Value("fairlead_config_stale"), 1);
  EXPECT_EQ(Value("fairlead_config_rejected_total{source=\"push\"}"), 1);
  EXPECT_EQ(Value("fairlead_config_rejected_total{source=\"fleet\"}"), 2);
}

TEST_F(CollectorTest, TellsAboutTheProcess) {
  process_.ConfigApplied(12, base::WallTime(std::chrono::milliseconds(1709208000500)));
  process_.ConfigFileRejected();
  EXPECT_EQ(Value("fairlead_config_revision"), 12);
  EXPECT_EQ(Value("fairlead_config_last_applied_timestamp_seconds"), 1709208000.5);
  EXPECT_EQ(Value("fairlead_config_rejected_total{source=\"file\"}"), 1);
  EXPECT_EQ(Value("fairlead_build_info{version=\"1.2.3\",commit=\"abcdef\"}"), 1);
  EXPECT_GT(Value("process_resident_memory_bytes"), 1e5);
  EXPECT_GT(Value("process_virtual_memory_bytes"), Value("process_resident_memory_bytes"));
  EXPECT_GE(Value("process_cpu_seconds_total"), 0);
  EXPECT_GE(Value("process_open_fds"), 3);
  EXPECT_GE(Value("process_max_fds"), Value("process_open_fds"));
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(Value("process_start_time_seconds"), now.count(), 600);
}

TEST_F(CollectorTest, ShowsWhatAShutdownWaitsFor) {
  one_.Route("web", "ws", "chat")->TunnelOpened(UpgradeKind::kWebSocket);
  two_.Route("alt", "x", "chat")->TunnelOpened(UpgradeKind::kOther);
  EXPECT_EQ(Value("fairlead_drain_remaining_tunnels{cause=\"shutdown\"}"), -1);
  process_.DrainStarted();
  EXPECT_EQ(Value("fairlead_drain_remaining_tunnels{cause=\"shutdown\"}"), 2);
}

TEST_F(CollectorTest, AddsUpEndpointsOfTheSameName) {
  EXPECT_THAT(Render(), Not(HasSubstr("fairlead_endpoint")));
  sources_.endpoints = [] {
    return std::vector<EndpointSample>{
        {"chat", "pod-1", 3, 1, 2, true}, {"chat", "pod-1", 2, 0, 1, false}, {"chat", "10.0.0.1:80", 0, 0}};
  };
  EXPECT_EQ(Value(R"(fairlead_endpoint_open_tunnels{cluster="chat",endpoint="pod-1"})"), 5);
  EXPECT_EQ(Value(R"(fairlead_endpoint_connect_failures_total{cluster="chat",endpoint="pod-1"})"), 1);
  EXPECT_EQ(Value(R"(fairlead_endpoint_open_tunnels{cluster="chat",endpoint="10.0.0.1:80"})"), 0);
  EXPECT_EQ(Value(R"(fairlead_endpoint_ejections_total{cluster="chat",endpoint="pod-1"})"), 3);
  EXPECT_EQ(Value(R"(fairlead_endpoint_healthy{cluster="chat",endpoint="pod-1"})"), 0);
  EXPECT_EQ(Value(R"(fairlead_endpoint_healthy{cluster="chat",endpoint="10.0.0.1:80"})"), 1);
  ExpectWellFormed(Render());
}

TEST_F(CollectorTest, TellsWhenRevocationListsEnd) {
  EXPECT_THAT(Render(), Not(HasSubstr("fairlead_crl")));
  const base::WallTime end{std::chrono::seconds(1000)};
  sources_.crls = [end] {
    return std::vector<CrlSample>{{"web", "", end}, {"", "chat", end + std::chrono::seconds(1)}};
  };
  EXPECT_EQ(Value("fairlead_crl_expiry_timestamp_seconds{listener=\"web\"}"), 1000);
  EXPECT_EQ(Value("fairlead_crl_expiry_timestamp_seconds{cluster=\"chat\"}"), 1001);
}

TEST_F(CollectorTest, CountsLostLogLines) {
  EXPECT_THAT(Render(), Not(HasSubstr("access_log")));
  const auto log = AccessLog::Open("/dev/null");
  ASSERT_TRUE(log.ok()) << log.status();
  sources_.access_log = log->get();
  EXPECT_EQ(Value("fairlead_access_log_dropped_total"), 0);
}

TEST_F(CollectorTest, EscapesNamesFromTheConfiguration) {
  one_.Route("we\"b", "a\\b", "c\nd")->requests.Add(200);
  EXPECT_THAT(Render(),
              HasSubstr(R"re(fairlead_requests_total{route="a\\b",cluster="c\nd",code="200"} 1)re"));
  ExpectWellFormed(Render());
}

TEST_F(CollectorTest, ReadsWhileWorkersCount) {
  std::atomic<bool> stop{false};
  const auto work = [&](WorkerStats& worker) {
    for (int reload = 0; reload == 0 || !stop; ++reload) {  // once at least, however late it starts
      const std::string route = "route" + std::to_string(reload % 50);
      const RouteStatsRef stats = worker.Route("web", route, "chat");
      const ListenerStatsRef listener = worker.Listener("web");
      for (int i = 0; i < 100; ++i) {
        listener->ConnectionOpened();
        stats->TunnelOpened(UpgradeKind::kWebSocket);
        stats->bytes_received.Add(64);
        worker.instruments().upgrade_duration.Observe(std::chrono::microseconds(300));
        stats->TunnelClosed(UpgradeKind::kWebSocket, CloseReason::kClientClosed);
        listener->ConnectionClosed();
      }
      worker.Prune([](std::string_view) { return true; }, [](const RouteLabels&) { return false; });
    }
  };
  std::thread first([&] { work(one_); });
  std::thread second([&] { work(two_); });
  for (int i = 0; i < 20; ++i) ExpectWellFormed(Render());
  stop = true;
  first.join();
  second.join();
  EXPECT_EQ(Value("fairlead_open_connections{listener=\"web\"}"), 0);
}

}  // namespace
}  // namespace fairlead::telemetry
