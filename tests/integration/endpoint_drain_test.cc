#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkg/websocket/control_frame.h"
#include "pkg/websocket/test_frames.h"
#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;

std::string ClosedFor(std::string_view reason) {
  return fmt::format(R"(fairlead_tunnels_closed_total{{route="all",cluster="app",reason="{}"}})", reason);
}

// A tunnel is told to go when its endpoint does, and at whose pace: an endpoint `one` that leaves and one
// that stays.
class EndpointDrain : public ::testing::Test {
 protected:
  // What is said of each beside its address; "" = it is not in the list.
  std::string Config(std::string_view one, std::string_view two) const {
    std::string endpoints;
    for (const auto& [backend, more] : {std::pair(&one_, one), std::pair(&two_, two)}) {
      if (!more.empty()) {
        endpoints += fmt::format("  - {{address: '{}', {}}}\n", backend->address().ToString(), more);
      }
    }
    return fmt::format(
        "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
        "virtual_hosts:\n- name: all\n  domains: ['*']\n"
        "  routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]\n"
        "clusters:\n- name: app\n{}  endpoints:\n{}",
        drain_, endpoints);
  }
  void Apply(std::string_view one, std::string_view two) {
    EXPECT_THAT(proxy_->Apply(Config(one, two)), IsEmpty());
  }
  void Start(std::string_view drain) {
    drain_ = drain.empty() ? "" : fmt::format("  drain: {}\n", drain);
    proxy_.emplace(Config("weight: 1", "weight: 0"), RunningProxy::Options{.workers = 2});
  }
  void Open(Backend& backend, size_t count, std::vector<TunnelEnds>* tunnels) {
    for (size_t i = 0; i < count; ++i) {
      tunnels->push_back(OpenTunnel(*proxy_, backend));
      if (transparent_) {
        EXPECT_TRUE(Relays(tunnels->back())) << "no WebSocket, which would take its time to answer";
      }
    }
  }
  double Drained() const { return proxy_->Metric(ClosedFor("endpoint_drained")); }

  Backend one_, two_;
  std::string drain_;
  bool transparent_ = true;
  std::optional<RunningProxy> proxy_;
  std::vector<TunnelEnds> leaving_, staying_;
};

TEST_F(EndpointDrain, LetsItsTunnelsGoAtItsPaceAndNoOthers) {
  Start("{rate: 10, jitter_percent: 0}");
  Open(one_, 40, &leaving_);
  Apply("weight: 0", "weight: 1");
  Open(two_, 10, &staying_);
  Apply("state: DRAINING", "weight: 1");
  proxy_->AwaitMetric(ClosedFor("endpoint_drained"), 1);
  proxy_->AwaitSum("fairlead_drain_remaining_tunnels", 40);
  double before = 1;
  for (int second = 1; second <= 3; ++second) {
    proxy_->Advance(seconds(1));
    EXPECT_TRUE(Eventually([&] { return Drained() >= before + 9; }));
    EXPECT_LE(Drained(), before + 11) << second;
    before = Drained();
  }
  EXPECT_TRUE(Eventually([&] {
    proxy_->Advance(milliseconds(100));
    return Drained() == 40;
  }));
  for (TunnelEnds& tunnel : leaving_) EXPECT_EQ(tunnel.client.ReceiveToEnd(), "");
  for (TunnelEnds& tunnel : staying_) EXPECT_TRUE(Relays(tunnel));
  EXPECT_TRUE(Eventually([&] {
    proxy_->Advance(seconds(1));
    return proxy_->MetricSum("fairlead_drain_remaining_tunnels") == 0;
  }));
}

TEST_F(EndpointDrain, OneThatWasRemovedLetsGoToo) {
  Start("{rate: 0}");
  Open(one_, 5, &leaving_);
  Apply("", "weight: 1");
  proxy_->AwaitMetric(ClosedFor("endpoint_drained"), 5);
}

TEST_F(EndpointDrain, WithoutItTunnelsStay) {
  Start("");
  Open(one_, 3, &leaving_);
  Apply("state: DRAINING", "weight: 1");
  Apply("", "weight: 1");
  proxy_->Advance(seconds(2));
  for (TunnelEnds& tunnel : leaving_) EXPECT_TRUE(Relays(tunnel));
}

TEST_F(EndpointDrain, AnEndpointThatComesBackKeepsTheRest) {
  Start("{rate: 1, jitter_percent: 0}");
  Open(one_, 10, &leaving_);
  Apply("state: DRAINING", "weight: 1");
  proxy_->AwaitMetric(ClosedFor("endpoint_drained"), 1);
  Apply("state: ACTIVE", "weight: 1");
  proxy_->Advance(seconds(5));
  EXPECT_LE(Drained(), 2);
  EXPECT_GE(proxy_->MetricSum("fairlead_open_tunnels"), 8);
}

TEST_F(EndpointDrain, TellsWebSocketsWithItsCode) {
  transparent_ = false;
  Start("{rate: 0, close_code: 1013}");
  Open(one_, 1, &leaving_);
  Apply("state: DRAINING", "weight: 1");
  const std::string close = websocket::ServerFrame(
      websocket::Opcode::kClose, websocket::ClosePayload(1013, "the backend is going away"));
  EXPECT_EQ(leaving_[0].client.Receive(close.size()), close);
}

}  // namespace
}  // namespace fairlead::testing
