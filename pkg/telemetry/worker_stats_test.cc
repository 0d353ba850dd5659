#include "pkg/telemetry/worker_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace fairlead::telemetry {
namespace {

bool Always(std::string_view) {
  return true;
}
bool Never(std::string_view) {
  return false;
}
bool AnyRoute(const RouteLabels&) {
  return true;
}
bool NoRoute(const RouteLabels&) {
  return false;
}

class WorkerStatsTest : public ::testing::Test {
 protected:
  // Bytes received by route and listener, as "route/listener=bytes".
  std::vector<std::string> Bytes() const {
    std::vector<std::string> lines;
    for (const auto& [labels, total] : registry_.routes().Sums()) {
      lines.push_back(labels.route + "/" + labels.listener + "=" +
                      std::to_string(total->bytes_received.value()));
    }
    return lines;
  }

  StatsRegistry registry_;
  WorkerStats one_{registry_, 0};
  WorkerStats two_{registry_, 1};
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(WorkerStatsTest, GivesTheSameBlockForTheSameLabels) {
  const RouteStatsRef a = one_.Route("web", "ws", "chat");
  EXPECT_EQ(a.get(), one_.Route("web", "ws", "chat").get());
  EXPECT_NE(a.get(), one_.Route("web", "ws", "other").get());
  EXPECT_NE(a.get(), one_.Route("alt", "ws", "chat").get());
  EXPECT_NE(a.get(), two_.Route("web", "ws", "chat").get());
  EXPECT_EQ(a->labels().listener, "web");
  EXPECT_EQ(a->labels().route, "ws");
  EXPECT_EQ(a->labels().cluster, "chat");
}

TEST_F(WorkerStatsTest, SumsOverWorkers) {
  one_.Route("web", "ws", "chat")->bytes_received.Add(3);
  two_.Route("web", "ws", "chat")->bytes_received.Add(4);
  two_.Route("web", "api", "chat")->bytes_received.Add(5);
  EXPECT_THAT(Bytes(), ElementsAre("api/web=5", "ws/web=7"));
}

TEST_F(WorkerStatsTest, OpenTunnelsAndTheirEndsAgree) {
  const RouteStatsRef stats = one_.Route("web", "ws", "chat");
  stats->TunnelOpened(UpgradeKind::kWebSocket);
  stats->TunnelOpened(UpgradeKind::kWebSocket);
  stats->TunnelClosed(UpgradeKind::kWebSocket, CloseReason::kIdleTimeout);
  EXPECT_EQ(stats->open_tunnels[0].value(), 1);
  EXPECT_EQ(stats->open_tunnels[1].value(), 0);
  EXPECT_EQ(stats->tunnels_closed[static_cast<size_t>(CloseReason::kIdleTimeout)].value(), 1u);
}

TEST_F(WorkerStatsTest, PruneKeepsWhatTheConfigurationNames) {
  one_.Route("web", "ws", "chat")->bytes_received.Add(3);
  one_.Prune(Always, AnyRoute);
  EXPECT_THAT(Bytes(), ElementsAre("ws/web=3"));
}

TEST_F(WorkerStatsTest, PruneKeepsWhatATunnelStillUses) {
  RouteStatsRef tunnel = one_.Route("web", "ws", "chat");
  RouteStatsRef other = tunnel.Share();
  tunnel = RouteStatsRef();
  one_.Prune(Never, NoRoute);
  other->bytes_received.Add(3);
  EXPECT_THAT(Bytes(), ElementsAre("ws/web=3"));
  other = RouteStatsRef();
  one_.Prune(Never, NoRoute);
  EXPECT_THAT(Bytes(), IsEmpty());
}

TEST_F(WorkerStatsTest, AMovedReferenceCountsOnce) {
  RouteStatsRef first = one_.Route("web", "ws", "chat");
  RouteStatsRef second = std::move(first);
  second = one_.Route("web", "api", "chat");  // lets "ws" go
  one_.Prune(Never, NoRoute);
  EXPECT_THAT(Bytes(), ElementsAre("api/web=0"));
}

TEST_F(WorkerStatsTest, UnroutedRequestsStayWithTheirListener) {
  one_.Route("web", "", "");
  one_.Route("gone", "", "");
  one_.Prune([](std::string_view listener) { return listener == "web"; }, NoRoute);
  EXPECT_THAT(Bytes(), ElementsAre("/=0", "/web=0"));  // "/": what lost listeners counted
}

TEST_F(WorkerStatsTest, ASumDoesNotFallWhenOneWorkerForgets) {
  one_.Route("web", "ws", "chat")->bytes_received.Add(1000);
  const RouteStatsRef tunnel = two_.Route("web", "ws", "chat");
  tunnel->bytes_received.Add(1);
  one_.Prune(Always, NoRoute);
  two_.Prune(Always, NoRoute);
  EXPECT_THAT(Bytes(), ElementsAre("ws/web=1001"));
  one_.Route("web", "ws", "chat")->bytes_received.Add(10);  // the route came back
  EXPECT_THAT(Bytes(), ElementsAre("ws/web=1011"));
}

TEST_F(WorkerStatsTest, WhatALostListenerCountedStaysWithTheRoute) {
  one_.Route("web", "ws", "chat")->bytes_received.Add(1);
  one_.Route("extra", "ws", "chat")->bytes_received.Add(10);
  one_.Prune(Always, [](const RouteLabels& labels) { return labels.listener == "web"; });
  EXPECT_THAT(Bytes(), ElementsAre("ws/=10", "ws/web=1"));
  one_.Prune(Never, NoRoute);
  EXPECT_THAT(Bytes(), IsEmpty());
}

TEST_F(WorkerStatsTest, ReloadsWithEverNewNamesDoNotPileUp) {
  for (int reload = 0; reload < 100; ++reload) {
    const std::string listener = "listener" + std::to_string(reload);
    const std::string route = "route" + std::to_string(reload);
    for (WorkerStats* worker : {&one_, &two_}) {
      worker->Listener(listener)->ConnectionOpened();
      worker->Listener(listener)->ConnectionClosed();
      worker->Route(listener, route, "chat")->requests.Add(200);
      worker->Route(listener, "constant", "chat")->requests.Add(200);
      worker->Prune([&](std::string_view name) { return name == listener; },
                    [&](const RouteLabels& labels) { return labels.listener == listener; });
    }
  }
  EXPECT_THAT(Bytes(), ElementsAre("constant/=0", "constant/listener99=0", "route99/listener99=0"));
  EXPECT_EQ(registry_.listeners().Sums().size(), 1u);
}

TEST_F(WorkerStatsTest, ListsWorkersByNumberWhileTheyLive) {
  std::vector<int> numbers;
  const auto note = [&](const WorkerInstruments& worker) { numbers.push_back(worker.worker); };
  {
    WorkerStats four(registry_, 4);
    WorkerStats three(registry_, 3);
    registry_.ForEachWorker(note);
    EXPECT_THAT(numbers, ElementsAre(0, 1, 3, 4));
  }
  numbers.clear();
  registry_.ForEachWorker(note);
  EXPECT_THAT(numbers, ElementsAre(0, 1));
}

TEST_F(WorkerStatsTest, AWorkerTakesItsSeriesAlong) {
  {
    WorkerStats three(registry_, 3);
    three.Listener("web");
    three.Route("web", "ws", "chat");
  }
  EXPECT_THAT(Bytes(), IsEmpty());
  EXPECT_TRUE(registry_.listeners().Sums().empty());
}

}  // namespace
}  // namespace fairlead::telemetry
