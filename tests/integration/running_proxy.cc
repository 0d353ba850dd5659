#include "tests/integration/running_proxy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <sstream>
#include <utility>

#include "pkg/config/load.h"

namespace fairlead::testing {
namespace {

// As a scrape prints it: the series, a blank, the value.
struct Sample {
  std::string series;
  double value;
};

std::vector<Sample> Samples(const std::string& metrics) {
  std::vector<Sample> samples;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    const size_t blank = line.rfind(' ');
    if (line.starts_with("#") || blank == std::string::npos) continue;
    samples.push_back({.series = line.substr(0, blank), .value = std::strtod(&line[blank], nullptr)});
  }
  return samples;
}

Response Ask(const std::optional<base::SocketAddress>& address, std::string_view path) {
  Socket client = Socket::Connect(address.value_or(base::SocketAddress()));
  client.Send(GetRequest(path, "Connection: close\r\n", "localhost"));
  return ReceiveResponse(client);
}

}  // namespace

RunningProxy::RunningProxy(const std::string& config, const Options& options) : options_(options) {
  std::vector<std::string> wrong;
  config::File file = Load(config, &wrong);
  for (const std::string& line : wrong) ADD_FAILURE() << line;
  const base::Clock* const clock =
      options.real_time ? static_cast<const base::Clock*>(&real_clock_) : &clock_;
  auto server = app::Server::Start({.file = std::move(file),
                                    .workers = options.workers,
                                    .max_connections = options.max_connections,
                                    .seed = 1,
                                    .clock = clock,
                                    .timeout_clock = options.real_time ? nullptr : clock});
  if (!server.ok()) {
    ADD_FAILURE() << std::string(server.status().message());
    std::abort();  // nothing that follows could go on without it
  }
  server_ = *std::move(server);
}

RunningProxy::~RunningProxy() = default;

config::File RunningProxy::Load(const std::string& config, std::vector<std::string>* wrong) const {
  const std::string log = options_.access_log.empty()
                              ? std::string("{mode: DISABLED}")
                              : fmt::format("{{mode: OPEN_AND_END, path: '{}'}}", options_.access_log);
  const std::string_view port = options_.ports ? "127.0.0.1:0" : "";
  config::Loaded loaded = config::LoadYaml(fmt::format(
      "telemetry: {{address: '{}'}}\nadmin: {{address: '{}'}}\naccess_log: {}\n{}", port, port, log, config));
  for (const config::Violation& violation : loaded.violations) wrong->push_back(violation.ToString());
  return loaded.file ? *std::move(loaded.file) : config::File();
}

base::SocketAddress RunningProxy::address(std::string_view listener) const {
  const auto address = server_->ListenerAddress(listener);
  EXPECT_TRUE(address) << "no listener " << listener;
  return address.value_or(base::SocketAddress());
}

Response RunningProxy::AskTelemetry(std::string_view path) const {
  return Ask(server_->telemetry_address(), path);
}

Response RunningProxy::AskAdmin(std::string_view path) const {
  return Ask(server_->admin_address(), path);
}

std::vector<std::string> RunningProxy::Apply(const std::string& config) {
  std::vector<std::string> wrong;
  config::File file = Load(config, &wrong);
  if (!wrong.empty()) return wrong;
  std::promise<void> applied;
  server_->Apply(std::move(file), [&](std::vector<config::Violation> violations) {
    for (const config::Violation& violation : violations) wrong.push_back(violation.ToString());
    applied.set_value();
  });
  applied.get_future().wait();
  return wrong;
}

void RunningProxy::Advance(base::Duration time) {
  constexpr base::Duration kStep{1000};
  for (; time.count() > 0; time -= std::min(time, kStep)) {
    clock_.Advance(std::min(time, kStep));
    server_->WakeWorkers();
  }
}

double RunningProxy::Metric(std::string_view series) const {
  for (const Sample& sample : Samples(server_->RenderMetrics())) {
    if (sample.series == series) return sample.value;
  }
  return 0;
}

double RunningProxy::MetricSum(std::string_view family) const {
  double sum = 0;
  for (const Sample& sample : Samples(server_->RenderMetrics())) {
    if (sample.series.substr(0, sample.series.find('{')) == family) sum += sample.value;
  }
  return sum;
}

void RunningProxy::AwaitMetric(std::string_view series, double value) const {
  Eventually([&] { return Metric(series) == value; });
  EXPECT_EQ(Metric(series), value) << series;
}

void RunningProxy::AwaitSum(std::string_view family, double value) const {
  Eventually([&] { return MetricSum(family) == value; });
  EXPECT_EQ(MetricSum(family), value) << family;
}

std::vector<std::string> RunningProxy::Series() const {
  std::vector<std::string> names;
  for (Sample& sample : Samples(server_->RenderMetrics())) names.push_back(std::move(sample.series));
  return names;
}

void RunningProxy::Drain() {
  server_->Drain([drained = drained_] { *drained = true; });
  server_->WakeWorkers();  // each has begun, at this very time
}

std::string OneCluster(const std::vector<const Backend*>& backends, std::string_view route) {
  std::string endpoints;
  for (const Backend* backend : backends) {
    endpoints += fmt::format("  - {{address: '{}'}}\n", backend->address().ToString());
  }
  return fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app{}{}}}]}}\n"
      "clusters:\n"
      "- name: app\n"
      "  endpoints:\n{}",
      route.empty() ? "" : ", ", route, endpoints);
}

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + Socket::kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "what the test waits for does not happen";
      return false;
    }
    ::poll(nullptr, 0, 1);
  }
  return true;
}

TunnelEnds OpenTunnel(const RunningProxy& proxy, Backend& backend, std::string_view path,
                      std::string_view listener) {
  Socket client = proxy.Connect(listener);
  client.Send(UpgradeRequest(path));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  at_backend.Send(UpgradeResponse());
  EXPECT_EQ(Head::Receive(client).status(), 101);
  proxy.Settle();
  return {.client = std::move(client), .backend = std::move(at_backend)};
}

bool Relays(TunnelEnds& tunnel) {
  tunnel.client.Send("ping");
  if (tunnel.backend.Receive(4) != "ping") return false;
  tunnel.backend.Send("pong");
  return tunnel.client.Receive(4) == "pong";
}

}  // namespace fairlead::testing
