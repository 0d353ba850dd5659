#include "pkg/health/monitor.h"

#include <sys/resource.h>

#include <algorithm>
#include <set>
#include <string>

#include "pkg/health/monitor_test.h"
#include "tests/support/dead_ports.h"

namespace fairlead::health {
namespace {

using std::literals::string_literals::operator""s;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kUnavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

config::HealthCheck Http() {
  config::HealthCheck check;
  check.check = config::HttpCheck{.path = "/healthz", .host = "", .expected_statuses = {}};
  return check;
}

constexpr endpoint::EjectionRules kRules{.first = seconds(30), .longest = seconds(300), .max_percent = 50};

endpoint::Census TwoWell() {
  return {.members = 2};
}

TEST_F(MonitorTest, WithoutAHealthCheckNobodyIsAsked) {
  Update();
  Pass(seconds(30));
  EXPECT_EQ(Accept(), nullptr);
  EXPECT_FALSE(Unhealthy());
}

TEST_F(MonitorTest, AFirstBadAnswerDecidesAndTwoGoodOnesHeal) {
  cluster_.resilience.health_check = Http();
  Update();
  EXPECT_FALSE(Unhealthy()) << "unknown is served";
  Answer(kUnavailable);
  EXPECT_TRUE(Unhealthy());
  Answer(kOk);
  EXPECT_TRUE(Unhealthy());
  Answer(kOk);
  EXPECT_FALSE(Unhealthy());
}

TEST_F(MonitorTest, ThreeBadAnswersInARowMakeAHealthyEndpointUnhealthy) {
  cluster_.resilience.health_check = Http();
  Update();
  for (const auto answer : {kOk, kUnavailable, kUnavailable, kOk, kUnavailable, kUnavailable}) {
    Answer(answer);
    EXPECT_FALSE(Unhealthy());
  }
  Answer(kUnavailable);
  EXPECT_TRUE(Unhealthy());
}

TEST_F(MonitorTest, AsksFastWhileNothingIsKnownAndWithJitterAfterwards) {
  cluster_.resilience.health_check = Http();
  Update();
  Question peer;
  EXPECT_LE(AwaitQuestion(&peer), milliseconds(1100));
  peer->Send(kOk);
  std::set<base::Duration> seen;
  for (int i = 0; i < 20; ++i) {
    loop::RunIdle(loop_);
    const base::Duration waited = AwaitQuestion(&peer);
    EXPECT_GE(waited, milliseconds(4500));
    EXPECT_LE(waited, milliseconds(5700));
    seen.insert(waited);
    peer->Send(kOk);
  }
  EXPECT_GT(seen.size(), 4u) << "not always the same";
}

TEST_F(MonitorTest, NoAnswerInTimeIsABadOne) {
  cluster_.resilience.health_check = Http();
  Update();
  Question peer;
  AwaitQuestion(&peer);
  Pass(milliseconds(900));
  EXPECT_FALSE(Unhealthy());
  Pass(milliseconds(300));
  EXPECT_TRUE(Unhealthy());
}

TEST_F(MonitorTest, AConnectThatFailsOrHangsIsABadAnswer) {
  const testing::ClosedPort closed;
  const testing::SilentPort silent;
  AddEndpoint(closed.address());
  AddEndpoint(silent.address());
  cluster_.resilience.health_check.emplace();  // TCP
  Update();
  for (int i = 0; i < 30; ++i) {
    Pass(milliseconds(100));
    loop::RunIdle(loop_);
  }
  EXPECT_FALSE(Unhealthy(0)) << "a listening socket is enough";
  EXPECT_TRUE(Unhealthy(1));
  EXPECT_TRUE(Unhealthy(2));
}

TEST_F(MonitorTest, AsksForWhatTheConfigurationSays) {
  cluster_.resilience.health_check = Http();
  cluster_.resilience.health_check->check =
      config::HttpCheck{.path = "/up?x=1", .host = "chat.internal", .expected_statuses = {204, 503}};
  Update();
  const std::string asked = Answer(kUnavailable);
  EXPECT_EQ(asked.substr(0, asked.find("User-Agent")), "GET /up?x=1 HTTP/1.1\r\nHost: chat.internal\r\n");
  EXPECT_FALSE(Unhealthy()) << "503 is what is expected";
  for (int i = 0; i < 3; ++i) Answer(kOk);
  EXPECT_TRUE(Unhealthy()) << "200 is not";
}

TEST_F(MonitorTest, WhatIsKnownSurvivesAPushAndANewWayOfAsking) {
  cluster_.resilience.health_check = Http();
  Update();
  Answer(kUnavailable);
  cluster_.endpoints[0].weight = 7;
  Update();
  EXPECT_TRUE(Unhealthy());
  cluster_.resilience.health_check->check =
      config::HttpCheck{.path = "/other", .host = "", .expected_statuses = {}};
  Update();
  EXPECT_TRUE(Unhealthy());
  EXPECT_EQ(Answer(kOk).substr(0, 10), "GET /other");
  EXPECT_TRUE(Unhealthy()) << "one good answer is not enough";
  Answer(kOk);
  EXPECT_FALSE(Unhealthy());
}

TEST_F(MonitorTest, APushDoesNotPutQuestionsOff) {
  cluster_.resilience.health_check = Http();
  Update();
  Answer(kOk);
  base::Duration waited{0};
  Question peer;
  while ((peer = Accept()) == nullptr && waited < seconds(60)) {
    Update();
    Pass(milliseconds(100));
    waited += milliseconds(100);
  }
  EXPECT_LE(waited, milliseconds(5700));
}

TEST_F(MonitorTest, WhoLeavesIsNotAskedAnyMore) {
  cluster_.resilience.health_check = Http();
  Update();
  Answer(kUnavailable);
  const std::shared_ptr<endpoint::Endpoint> left = snapshot_->clusters()[0]->endpoints()[0];
  cluster_.endpoints.clear();
  Update();
  Pass(seconds(60));
  EXPECT_EQ(Accept(), nullptr);
  EXPECT_FALSE(left->condition().unhealthy) << "back again, it is unknown";
}

TEST_F(MonitorTest, ThoseThatWereEjectedReturnByThemselves) {
  cluster_.resilience.outlier.emplace();
  AddEndpoint(*base::SocketAddress::Parse("192.0.2.1:80"));
  Update();
  const auto& endpoint = snapshot_->clusters()[0]->endpoints()[0];
  ASSERT_TRUE(snapshot_->clusters()[0]->state()->ejections.Eject(endpoint, TwoWell, kRules, loop_.Now()) ==
              endpoint::Ejections::Answer::kEjected);
  Pass(milliseconds(29800));
  EXPECT_TRUE(endpoint->condition().ejected);
  Pass(milliseconds(400));
  EXPECT_FALSE(endpoint->condition().ejected);
}

TEST_F(MonitorTest, WithoutOutlierNobodyStaysAway) {
  cluster_.resilience.outlier.emplace();
  AddEndpoint(*base::SocketAddress::Parse("192.0.2.1:80"));
  Update();
  const auto endpoint = snapshot_->clusters()[0]->endpoints()[0];
  snapshot_->clusters()[0]->state()->ejections.Eject(endpoint, TwoWell, kRules, loop_.Now());
  cluster_.resilience.outlier.reset();
  Update();
  EXPECT_FALSE(endpoint->condition().ejected);
  // A worker that has the old configuration still.
  snapshot_->clusters()[0]->state()->ejections.Eject(endpoint, TwoWell, kRules, loop_.Now());
  EXPECT_TRUE(endpoint->condition().ejected);
  Pass(milliseconds(300));
  EXPECT_FALSE(endpoint->condition().ejected);
}

TEST_F(MonitorTest, ARecoveredEndpointStartsSlowly) {
  cluster_.resilience.health_check = Http();
  cluster_.load_balancing.slow_start = seconds(10);
  Update();
  Answer(kUnavailable);
  EXPECT_TRUE(Unhealthy());
  EXPECT_EQ(At(0).condition().share, endpoint::kWholeShare);
  Answer(kOk);
  Answer(kOk);
  EXPECT_FALSE(Unhealthy());
  EXPECT_LT(At(0).condition().share, endpoint::kWholeShare / 20);
  Pass(seconds(5));
  EXPECT_NEAR(At(0).condition().share, endpoint::kWholeShare / 2, endpoint::kWholeShare / 10);
  Pass(seconds(6));
  EXPECT_EQ(At(0).condition().share, endpoint::kWholeShare);
}

TEST_F(MonitorTest, QuestionsBeginAsTheClustersConnectionsDo) {
  cluster_.resilience.health_check = Http();
  cluster_.proxy_protocol = config::SendProxyProtocol::kV1;
  Update();
  EXPECT_EQ(Answer(kOk).substr(0, 20), "PROXY UNKNOWN\r\nGET /");
  cluster_.proxy_protocol = config::SendProxyProtocol::kV2;
  Update();
  const std::string asked = Answer(kOk);
  EXPECT_EQ(asked.substr(0, 13), "\r\n\r\n\0\r\nQUIT\n\x20"s) << "version 2, LOCAL";
  EXPECT_NE(asked.find("GET /healthz"), std::string::npos);
  cluster_.proxy_protocol = config::SendProxyProtocol::kDisabled;
  Update();
  EXPECT_EQ(Answer(kOk).substr(0, 5), "GET /");
}

TEST_F(MonitorTest, OurOwnShortageSaysNothingOfAnEndpoint) {
  cluster_.resilience.health_check = Http();
  Update();
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  Pass(seconds(10));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_FALSE(Unhealthy());
  Answer(kUnavailable);
  EXPECT_TRUE(Unhealthy()) << "asked again as soon as it could be";
}

TEST_F(MonitorTest, NoMoreQuestionsAreUnderWayThanMayBe) {
  Update();
  const config::HealthCheck check = Http();
  base::Random random(1);
  ProbeBudget budget(1);
  Ramps ramps;
  const auto& endpoint = snapshot_->clusters()[0]->endpoints()[0];
  tls::Workspace workspace{[this](absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); },
                           [this]() -> base::DeadlineWheel& { return loop_.deadlines(); }};
  Watch one(loop_, workspace, random, budget, ramps, endpoint, check, Security()),
      other(loop_, workspace, random, budget, ramps, endpoint, check, Security());
  Question first;
  AwaitQuestion(&first);
  Pass(milliseconds(800));
  EXPECT_EQ(Accept(), nullptr);
  first->Send(kOk);
  Question second;
  EXPECT_LE(AwaitQuestion(&second), milliseconds(1200));
}

TEST_F(MonitorTest, SlowStartRisesEvenlyFromTheFirstGoodAnswer) {
  cluster_.resilience.health_check = Http();
  cluster_.load_balancing.slow_start = seconds(10);
  Update();
  At(0).SetShare(1);
  Update();
  Pass(milliseconds(900));
  EXPECT_EQ(At(0).condition().share, 1u) << "nothing is known yet";
  Answer(kOk);
  Pass(milliseconds(200));
  const uint32_t begin = At(0).condition().share;
  std::vector<double> curve;
  for (int i = 1; i <= 9; ++i) {
    Pass(seconds(1));
    curve.push_back(static_cast<double>(At(0).condition().share - begin) / endpoint::kWholeShare);
  }
  for (size_t i = 0; i < curve.size(); ++i) {
    EXPECT_NEAR(curve[i], 0.1 * static_cast<double>(i + 1), 0.021) << i;
  }
  Pass(seconds(2));
  EXPECT_EQ(At(0).condition().share, endpoint::kWholeShare);
}

TEST_F(MonitorTest, WithoutSlowStartNobodyIsHeldBack) {
  cluster_.load_balancing.slow_start = seconds(10);
  Update();
  At(0).SetShare(1);
  Update();
  Pass(seconds(1));
  EXPECT_LT(At(0).condition().share, endpoint::kWholeShare / 5);
  cluster_.load_balancing.slow_start = base::Duration(0);
  Update();
  EXPECT_EQ(At(0).condition().share, endpoint::kWholeShare);
}

}  // namespace
}  // namespace fairlead::health
