#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pkg/loop/loop.h"
#include "pkg/proxy_protocol/header_writer.h"
#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One listener with these keys, one cluster; `top` stands beside them.
std::string With(const Backend& backend, std::string_view listener, std::string_view top = "") {
  return fmt::format(
      "{}\n"
      "listeners: [{{name: web, address: 127.0.0.1:0, {}}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
      "clusters: [{{name: app, endpoints: [{{address: '{}'}}]}}]\n",
      top, listener, backend.address().ToString());
}

double InForce(const RunningProxy& proxy, std::string_view action, std::string_view resource = "connections",
               std::string_view listener = "web") {
  return proxy.Metric(fmt::format(R"(fairlead_overload_active{{resource="{}",listener="{}",action="{}"}})",
                                  resource, listener, action));
}

double Rejected(const RunningProxy& proxy, std::string_view family, std::string_view reason) {
  return proxy.Metric(fmt::format(R"({}{{listener="web",reason="{}"}})", family, reason));
}

// The head of the answer to a GET on that connection.
Head Ask(Socket& client, Backend& backend) {
  client.Send(GetRequest("/"));
  backend.Accept().Send(OkResponse("x"));
  return ReceiveResponse(client).head;
}

void AwaitOpen(const RunningProxy& proxy, double count) {
  proxy.AwaitSum("fairlead_open_connections", count);
}

TEST(Overload, ActsInOrderAsConnectionsGrowAndCutsNothing) {
  Backend backend;
  RunningProxy proxy(With(backend, "limits: {max_connections: 20}"), {.workers = 2});
  Socket idle = proxy.Connect();
  EXPECT_EQ(Ask(idle, backend).Get("Connection"), std::nullopt);
  std::vector<TunnelEnds> tunnels;
  while (tunnels.size() < 15) tunnels.push_back(OpenTunnel(proxy, backend));
  EXPECT_EQ(InForce(proxy, "stop_keep_alive"), 0);

  tunnels.push_back(OpenTunnel(proxy, backend));  // 17 of 20
  proxy.Advance(seconds(1));
  EXPECT_EQ(idle.ReceiveToEnd(), "") << "between two requests";
  idle.Close();
  AwaitOpen(proxy, 16);
  EXPECT_EQ(InForce(proxy, "stop_keep_alive"), 1);
  EXPECT_EQ(InForce(proxy, "refuse_upgrades"), 0);
  Socket asks = proxy.Connect();
  EXPECT_EQ(Ask(asks, backend).Get("Connection"), "close");
  EXPECT_EQ(asks.ReceiveToEnd(), "");
  asks.Close();
  AwaitOpen(proxy, 16);

  tunnels.push_back(OpenTunnel(proxy, backend));
  tunnels.push_back(OpenTunnel(proxy, backend));  // 18
  Socket refused = proxy.Connect();
  refused.Send(UpgradeRequest());
  const Head answer = ReceiveResponse(refused).head;
  EXPECT_EQ(answer.status(), 503);
  EXPECT_NE(answer.Get("Retry-After"), std::nullopt);
  EXPECT_EQ(refused.ReceiveToEnd(), "");
  refused.Close();
  EXPECT_EQ(InForce(proxy, "refuse_upgrades"), 1);
  EXPECT_EQ(InForce(proxy, "stop_accepting"), 0);
  EXPECT_EQ(Rejected(proxy, "fairlead_upgrades_rejected_total", "overloaded"), 1);
  AwaitOpen(proxy, 18);
  Socket still_refused = proxy.Connect();
  EXPECT_EQ(Ask(still_refused, backend).status(), 200) << "what is no upgrade is served";
  still_refused.Close();
  AwaitOpen(proxy, 18);

  Socket one = proxy.Connect(), two = proxy.Connect();
  AwaitOpen(proxy, 20);
  EXPECT_EQ(InForce(proxy, "stop_accepting"), 1);
  Socket waits = proxy.Connect();
  waits.Send(GetRequest("/"));
  proxy.Advance(seconds(1));
  EXPECT_TRUE(backend.Idle());
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel)) << "what is open lives";

  one.Close();
  two.Close();
  Eventually([&] {
    proxy.Advance(milliseconds(100));
    return !backend.Idle();
  });
  backend.Accept().Send(OkResponse("x"));
  EXPECT_EQ(ReceiveResponse(waits).head.status(), 200);
  waits.Close();
  tunnels.resize(15);
  AwaitOpen(proxy, 15);
  proxy.Advance(seconds(2));
  for (const std::string_view action : {"stop_keep_alive", "refuse_upgrades", "stop_accepting"}) {
    EXPECT_EQ(InForce(proxy, action), 0) << action;
  }
  tunnels.push_back(OpenTunnel(proxy, backend));
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel));
}

TEST(Overload, MemoryInBuffersCountsForAllListeners) {
  Backend backend;
  RunningProxy proxy(With(backend, "limits: {}", "overload: {max_buffered_bytes: 65536}"), {.workers = 2});
  TunnelEnds calm = OpenTunnel(proxy, backend);
  Socket idle = proxy.Connect();
  Ask(idle, backend);
  // Some that do not read what they get.
  std::vector<TunnelEnds> tunnels;
  while (tunnels.size() < 4) tunnels.push_back(OpenTunnel(proxy, backend));
  const std::string piece(1 << 16, 'x');
  std::vector<size_t> sent(tunnels.size());
  for (size_t i = 0; i < tunnels.size(); ++i) {
    for (int refused = 0; refused < 50;) {
      const size_t taken = tunnels[i].backend.SendSome(piece);
      sent[i] += taken;
      refused = taken == 0 ? refused + 1 : 0;
      proxy.Settle();
    }
  }
  proxy.Advance(seconds(2));
  EXPECT_GE(proxy.Metric("fairlead_buffered_bytes"), 65536);
  for (const std::string_view action : {"stop_keep_alive", "refuse_upgrades", "stop_accepting"}) {
    EXPECT_EQ(InForce(proxy, action, "buffers", ""), 1) << action;
  }
  EXPECT_EQ(idle.ReceiveToEnd(), "");
  EXPECT_TRUE(Relays(calm));
  Socket waits = proxy.Connect();
  waits.Send(UpgradeRequest());
  proxy.Advance(seconds(1));
  EXPECT_TRUE(waits.Silent());
  EXPECT_TRUE(backend.Idle());

  for (size_t i = 0; i < tunnels.size(); ++i) {
    EXPECT_EQ(tunnels[i].client.Receive(sent[i]).size(), sent[i]) << "nothing of it is lost";
  }
  Eventually([&] {
    proxy.Advance(milliseconds(100));
    return !backend.Idle();
  });
  Socket at_backend = backend.Accept();
  at_backend.Send(UpgradeResponse());
  EXPECT_EQ(ReceiveResponse(waits).head.status(), 101);
  EXPECT_EQ(InForce(proxy, "stop_keep_alive", "buffers", ""), 0);
}

TEST(ClientLimit, OneMoreThanAClientMayHaveIsReset) {
  Backend backend;
  RunningProxy proxy(With(backend, "limits: {max_connections_per_client: 2}"), {.workers = 2});
  TunnelEnds one = OpenTunnel(proxy, backend);
  TunnelEnds two = OpenTunnel(proxy, backend);
  Socket third = proxy.Connect();
  third.AwaitReset();
  proxy.AwaitMetric(R"(fairlead_connections_rejected_total{listener="web",reason="client_limit"})", 1);
  EXPECT_TRUE(Relays(one) && Relays(two));
  one.client.Close();
  one.backend.Close();
  AwaitOpen(proxy, 1);
  TunnelEnds again = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(again));
}

TEST(ClientLimit, CountsWhomThePROXYHeaderNames) {
  Backend backend;
  RunningProxy proxy(With(backend,
                          "limits: {max_connections_per_client: 1}, proxy_protocol: OPTIONAL_FROM_TRUSTED, "
                          "trusted_proxies: [127.0.0.1]"));
  const auto from = [&](std::string_view address) {
    Socket client = proxy.Connect();
    client.Send(fmt::format("PROXY TCP4 {} 10.0.0.1 56324 443\r\n", address));
    return client;
  };
  Socket one = from("192.0.2.1");
  EXPECT_EQ(Ask(one, backend).status(), 200);
  Socket more = from("192.0.2.1");
  more.AwaitReset();
  Socket other = from("192.0.2.2");
  EXPECT_EQ(Ask(other, backend).status(), 200);
  // The balancer itself: it asks whether we live, or speaks for clients whom it does not name.
  for (int i = 0; i < 3; ++i) {
    Socket balancer = proxy.Connect();
    balancer.Send(proxy_protocol::WriteV2({.local = true}));
    EXPECT_EQ(Ask(balancer, backend).status(), 200);
    Socket plain = proxy.Connect();
    EXPECT_EQ(Ask(plain, backend).status(), 200);
  }
  EXPECT_EQ(Rejected(proxy, "fairlead_connections_rejected_total", "client_limit"), 1);
  one.Close();
  AwaitOpen(proxy, 1);
  Socket again = from("192.0.2.1");
  EXPECT_EQ(Ask(again, backend).status(), 200);
}

class UpgradeQueue : public ::testing::Test {
 protected:
  // Clients that have asked, one after the other.
  void Come(int count) {
    for (int i = 0; i < count; ++i) {
      clients_.push_back(proxy_.Connect());
      clients_.back().Send(UpgradeRequest(fmt::format("/{}", asked_++)));
      proxy_.AwaitSum("fairlead_connections_accepted_total", asked_);
      proxy_.Settle();
    }
  }
  double waiting() const { return proxy_.MetricSum("fairlead_waiting_upgrades"); }
  // The paths of the requests that have come to the backend by now.
  std::vector<std::string> Served() {
    std::vector<std::string> paths;
    proxy_.Settle();
    while (!backend_.Idle()) {
      at_backend_.push_back(backend_.Accept());
      const std::string line = Head::Receive(at_backend_.back()).first_line();
      paths.push_back(line.substr(4, line.find(' ', 4) - 4));
      proxy_.Settle();
    }
    return paths;
  }

  // From now on these many come a second, and as many wait.
  void Limit(std::string_view rate) {
    EXPECT_THAT(proxy_.Apply(With(backend_, fmt::format("limits: {{{}handshake_timeout: 9s}}", rate))),
                ::testing::IsEmpty());
  }

  Backend backend_;
  RunningProxy proxy_{
      With(backend_, "limits: {upgrades_per_second: 2, upgrade_queue: 3, handshake_timeout: 9s}")};
  std::vector<Socket> clients_;
  std::vector<Socket> at_backend_;
  int asked_ = 0;
};

TEST_F(UpgradeQueue, ServesThoseWhoWaitInOrderAndRefusesTheRest) {
  Come(7);
  EXPECT_THAT(Served(), ::testing::ElementsAre("/0", "/1"));
  proxy_.AwaitSum("fairlead_waiting_upgrades", 3);
  for (size_t i = 5; i < 7; ++i) {
    const Head answer = ReceiveResponse(clients_[i]).head;
    EXPECT_EQ(answer.status(), 503);
    EXPECT_NE(answer.Get("Retry-After"), std::nullopt);
  }
  EXPECT_EQ(Rejected(proxy_, "fairlead_upgrades_rejected_total", "surge"), 2);
  proxy_.Advance(milliseconds(600));
  EXPECT_THAT(Served(), ::testing::ElementsAre("/2"));
  proxy_.Advance(seconds(2));
  EXPECT_THAT(Served(), ::testing::ElementsAre("/3", "/4"));
  EXPECT_EQ(waiting(), 0);
  at_backend_.back().Send(UpgradeResponse());
  EXPECT_EQ(ReceiveResponse(clients_[4]).head.status(), 101);
}

TEST_F(UpgradeQueue, WhoLeavesMakesRoom) {
  Come(5);
  EXPECT_THAT(Served(), ::testing::ElementsAre("/0", "/1"));
  proxy_.AwaitSum("fairlead_waiting_upgrades", 3);
  clients_[2].Close();
  clients_[3].Reset();
  proxy_.AwaitSum("fairlead_waiting_upgrades", 1);
  Come(2);
  proxy_.AwaitSum("fairlead_waiting_upgrades", 3);
  proxy_.Advance(milliseconds(1600));
  EXPECT_THAT(Served(), ::testing::ElementsAre("/4", "/5", "/6"));
  proxy_.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="client_gone"})", 2);
}

TEST_F(UpgradeQueue, WhatIsNoUpgradeDoesNotWait) {
  Come(5);
  Served();
  Socket plain = proxy_.Connect();
  EXPECT_EQ(Ask(plain, backend_).status(), 200);
  EXPECT_EQ(waiting(), 3);
}

TEST(SlowBody, IsAnsweredWith408) {
  Backend backend;
  RunningProxy proxy(With(backend, "limits: {min_body_rate: 100, handshake_timeout: 5s}"));
  Socket client = proxy.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  for (int second = 0; second < 8; ++second) {
    client.SendSome("xx");
    proxy.Settle();
    proxy.Advance(seconds(1));
  }
  EXPECT_EQ(ReceiveResponse(client, "POST").head.status(), 408);
  EXPECT_EQ(client.ReceiveToEnd(), "");
  at_backend.AwaitGone();
  proxy.AwaitMetric(R"(fairlead_requests_total{route="all",cluster="app",code="408"})", 1);
}

TEST(SlowBody, MayTakeAsLongAsItsRateLetsIt) {
  Backend backend;
  RunningProxy proxy(With(backend, "limits: {min_body_rate: 100, handshake_timeout: 5s}"));
  Socket client = proxy.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n");
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  for (int second = 0; second < 30; ++second) {
    client.Send(std::string(100, 'x'));
    EXPECT_EQ(at_backend.Receive(100).size(), 100u);
    proxy.Advance(seconds(1));
  }
  at_backend.Send(OkResponse("done"));
  EXPECT_EQ(ReceiveResponse(client, "POST").body, "done");
}

TEST(SlowBody, WaitingForTheBackendIsNotTheClientsFault) {
  Backend backend;
  RunningProxy proxy(With(backend, "limits: {min_body_rate: 1000000, handshake_timeout: 5s}"));
  Socket client = proxy.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n");
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  const std::string piece(1 << 16, 'x');
  size_t sent = 0;
  for (int refused = 0; refused < 50;) {
    const size_t taken = client.SendSome(piece);
    sent += taken;
    refused = taken == 0 ? refused + 1 : 0;
    proxy.Settle();
  }
  proxy.Advance(seconds(40));
  EXPECT_TRUE(client.Silent());
  EXPECT_EQ(at_backend.Receive(sent).size(), sent) << "and goes on";
}

TEST(SlowAnswer, AHeadThatNeverEndsIsNoAnswer) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {response: 20s}"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  at_backend.Send("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 4; ++i) {
    proxy.Advance(seconds(6));
    at_backend.SendSome("X-More: 1\r\n");
    proxy.Settle();
  }
  EXPECT_EQ(ReceiveResponse(client).head.status(), 504);
}

TEST(SlowAnswer, InterimAnswersAreASignOfLife) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}, "timeouts: {response: 20s}"));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  for (int i = 0; i < 4; ++i) {
    proxy.Advance(seconds(15));
    at_backend.Send("HTTP/1.1 102 Processing\r\n\r\n");
    client.ReceiveThrough("\r\n\r\n");
  }
  at_backend.Send(OkResponse("done"));
  EXPECT_EQ(ReceiveResponse(client).body, "done");
}

TEST_F(UpgradeQueue, WhoSpeaksEarlyAndLeavesMakesRoom) {
  Come(4);
  Served();
  clients_[2].Send("x");
  clients_[3].Send("x");
  clients_.push_back(proxy_.Connect());
  clients_.back().Send(UpgradeRequest("/4") + "early");
  proxy_.AwaitSum("fairlead_waiting_upgrades", 3);
  proxy_.Settle();
  clients_[2].Close();
  clients_[3].Close();
  proxy_.AwaitSum("fairlead_waiting_upgrades", 1);
  clients_.back().Send("er");
  proxy_.Advance(milliseconds(600));
  EXPECT_THAT(Served(), ::testing::ElementsAre("/4"));
  at_backend_.back().Send(UpgradeResponse());
  EXPECT_EQ(at_backend_.back().Receive(7), "earlyer");
}

TEST_F(UpgradeQueue, WhoSaysTooMuchBeforeItsTurnIsRefused) {
  Come(3);
  Served();
  clients_.push_back(proxy_.Connect());
  clients_.back().Send(UpgradeRequest("/3") + std::string(1 << 15, 'x'));
  EXPECT_EQ(Head::Receive(clients_.back()).status(), 503);
  clients_[2].SendSome(std::string(1 << 15, 'x'));
  EXPECT_EQ(Head::Receive(clients_[2]).status(), 503);
  proxy_.AwaitSum("fairlead_waiting_upgrades", 0);
}

TEST_F(UpgradeQueue, AHigherRateServesThoseWhoWaitSooner) {
  Come(5);
  Served();
  proxy_.AwaitSum("fairlead_waiting_upgrades", 3);
  Limit("upgrades_per_second: 20, upgrade_queue: 3, ");
  proxy_.Advance(milliseconds(300));
  EXPECT_THAT(Served(), ::testing::ElementsAre("/2", "/3", "/4"));
}

TEST_F(UpgradeQueue, WithoutARateNobodyWaitsAndNobodyOvertakes) {
  Come(5);
  Served();
  proxy_.AwaitSum("fairlead_waiting_upgrades", 3);
  Limit("");
  Come(1);
  proxy_.Advance(milliseconds(200));
  EXPECT_THAT(Served(), ::testing::ElementsAre("/2", "/3", "/4", "/5"));
  Come(1);
  EXPECT_THAT(Served(), ::testing::ElementsAre("/6"));
  Limit("upgrades_per_second: 1, upgrade_queue: 3, ");
  Come(3);
  EXPECT_THAT(Served(), ::testing::ElementsAre("/7"));
  EXPECT_EQ(waiting(), 2);
}

TEST_F(UpgradeQueue, ALowerRateHoldsForThoseWhoWaitAndTellsWhomItIsTooSlowFor) {
  Limit("upgrades_per_second: 2, upgrade_queue: 20, ");
  Come(14);
  EXPECT_THAT(Served(), ::testing::ElementsAre("/0", "/1"));
  proxy_.AwaitSum("fairlead_waiting_upgrades", 12);
  Limit("upgrades_per_second: 1, upgrade_queue: 20, ");
  proxy_.AwaitSum("fairlead_waiting_upgrades", 9);  // nobody waits for longer than 9 s
  proxy_.AwaitMetric(R"(fairlead_upgrades_rejected_total{listener="web",reason="surge"})", 3);
  const Head answer = ReceiveResponse(clients_.back()).head;
  EXPECT_EQ(answer.status(), 503);
  EXPECT_NE(answer.Get("Retry-After"), std::nullopt);
  Come(1);
  EXPECT_EQ(ReceiveResponse(clients_.back()).head.status(), 503) << "there is no room behind them";
  proxy_.Advance(milliseconds(2500));
  EXPECT_THAT(Served(), ::testing::ElementsAre("/2", "/3"));
  proxy_.Advance(seconds(7));
  EXPECT_EQ(Served().size(), 7u);
  EXPECT_EQ(waiting(), 0);
}

}  // namespace
}  // namespace fairlead::testing
