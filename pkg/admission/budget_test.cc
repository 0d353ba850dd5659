#include "pkg/admission/budget.h"

#include <gtest/gtest.h>

#include <optional>

#include "pkg/admission/ticket.h"
#include "pkg/telemetry/stats_registry.h"
#include "pkg/telemetry/worker_stats.h"

namespace fairlead::admission {
namespace {

TEST(Budget, StopsAtItsLimitAndGoesOnWhenAPlaceIsFree) {
  Budget budget(2);
  EXPECT_TRUE(budget.TryTake());
  EXPECT_TRUE(budget.TryTake());
  EXPECT_FALSE(budget.TryTake());
  budget.GiveBack();
  EXPECT_TRUE(budget.TryTake());
}

TEST(Budget, WhatTheParentRefusesIsNotTaken) {
  Budget process(1);
  Budget web(0, &process), api(5, &process);
  EXPECT_TRUE(web.TryTake());
  EXPECT_FALSE(api.TryTake());
  EXPECT_EQ(api.taken(), 0);
  web.GiveBack();
  EXPECT_EQ(process.taken(), 0);
  EXPECT_TRUE(api.TryTake());
}

TEST(Budget, ALowerLimitSendsNobodyAway) {
  Budget budget(10);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(budget.TryTake());
  budget.SetLimit(3);
  EXPECT_EQ(budget.taken(), 10);
  EXPECT_FALSE(budget.TryTake());
  for (int i = 0; i < 8; ++i) budget.GiveBack();
  EXPECT_TRUE(budget.TryTake());
  EXPECT_FALSE(budget.TryTake());
}

TEST(Ticket, CountsTheConnectionOnceHoweverOftenItMoves) {
  telemetry::StatsRegistry registry;
  telemetry::WorkerStats worker(registry, 0);
  const telemetry::ListenerStatsRef stats = worker.Listener("web");
  Process process(1);
  const auto gate = std::make_shared<Gate>(1, process);
  {
    std::optional<Ticket> ticket = Ticket::Take(gate, stats);
    ASSERT_TRUE(ticket);
    EXPECT_FALSE(Ticket::Take(gate, stats));
    const Ticket moved = std::move(*ticket);
    ticket.reset();
    EXPECT_EQ(stats->open_connections.value(), 1);
    EXPECT_EQ(gate->connections().taken(), 1);
  }
  EXPECT_EQ(stats->open_connections.value(), 0);
  EXPECT_EQ(stats->accepted.value(), 1u);
  EXPECT_EQ(gate->connections().taken(), 0);
}

}  // namespace
}  // namespace fairlead::admission
