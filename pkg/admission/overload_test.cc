#include "pkg/admission/overload.h"

#include <gtest/gtest.h>

#include <vector>

#include "pkg/admission/gate.h"

namespace fairlead::admission {
namespace {

using enum OverloadAction;

// Those in force at that use.
std::vector<OverloadAction> At(OverloadTrigger& trigger, int64_t used, int64_t limit) {
  const OverloadActions actions = trigger.Update(used, limit);
  std::vector<OverloadAction> list;
  for (const OverloadAction action : {kStopKeepAlive, kRefuseUpgrades, kStopAccepting}) {
    if (actions.Has(action)) list.push_back(action);
  }
  return list;
}

using Actions = std::vector<OverloadAction>;

TEST(OverloadTrigger, BeginsTheMildestFirstAndEndsEachFivePercentLower) {
  OverloadTrigger trigger;
  EXPECT_EQ(At(trigger, 800, 1000), Actions());
  EXPECT_EQ(At(trigger, 801, 1000), Actions({kStopKeepAlive}));
  EXPECT_EQ(At(trigger, 900, 1000), Actions({kStopKeepAlive}));
  EXPECT_EQ(At(trigger, 901, 1000), Actions({kStopKeepAlive, kRefuseUpgrades}));
  EXPECT_EQ(At(trigger, 999, 1000), Actions({kStopKeepAlive, kRefuseUpgrades}));
  EXPECT_EQ(At(trigger, 1000, 1000), Actions({kStopKeepAlive, kRefuseUpgrades, kStopAccepting}));
  EXPECT_EQ(At(trigger, 951, 1000), Actions({kStopKeepAlive, kRefuseUpgrades, kStopAccepting}));
  EXPECT_EQ(At(trigger, 950, 1000), Actions({kStopKeepAlive, kRefuseUpgrades}));
  EXPECT_EQ(At(trigger, 851, 1000), Actions({kStopKeepAlive, kRefuseUpgrades}));
  EXPECT_EQ(At(trigger, 850, 1000), Actions({kStopKeepAlive}));
  EXPECT_EQ(At(trigger, 750, 1000), Actions());
}

TEST(OverloadTrigger, OfASmallLimitThereIsNothingToKeepBack) {
  for (int64_t limit = 1; limit < 10; ++limit) {
    OverloadTrigger trigger;
    const OverloadActions full = trigger.Update(limit, limit);
    EXPECT_FALSE(full.Has(kRefuseUpgrades)) << limit;
    EXPECT_TRUE(full.Has(kStopAccepting)) << limit;
    EXPECT_FALSE(trigger.Update(limit - 1, limit).Has(kStopAccepting)) << limit;
  }
}

TEST(OverloadTrigger, KnowsNoOverloadWithoutALimit) {
  OverloadTrigger trigger;
  EXPECT_EQ(At(trigger, INT64_MAX, 0), Actions());
  EXPECT_EQ(At(trigger, INT64_MAX, INT64_MAX).size(), kOverloadActionCount);
  EXPECT_EQ(At(trigger, INT64_MAX, 0), Actions()) << "when the limit goes, all of it ends";
}

TEST(OverloadTrigger, TellsWhatIsNewOnce) {
  OverloadTrigger trigger;
  EXPECT_EQ(trigger.TakeNews(), std::nullopt);
  trigger.Update(91, 100);
  EXPECT_EQ(trigger.TakeNews(), "stop_keep_alive begins, refuse_upgrades begins");
  EXPECT_EQ(trigger.TakeNews(), std::nullopt);
  trigger.Update(80, 100);
  EXPECT_EQ(trigger.TakeNews(), "refuse_upgrades ends");
}

TEST(Gate, ActsOnItsConnectionsAndOnTheMemoryOfAll) {
  Process process(0);
  Gate gate(1, process), other(1, process);
  gate.SetLimits({.max_connections = 5}, {});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(gate.connections().TryTake());
  EXPECT_TRUE(gate.UpdateOverload().Has(kStopKeepAlive));
  EXPECT_TRUE(gate.UpdateOverload().Has(kStopAccepting));
  EXPECT_EQ(other.UpdateOverload(), OverloadActions());
  EXPECT_FALSE(gate.connections().TryTake());
  gate.connections().GiveBack();
  EXPECT_TRUE(gate.connections().TryTake()) << "a place that is free may be taken";

  process.memory.SetLimit(1000);
  process.memory.Add(1200);
  EXPECT_TRUE(other.LacksMemory());
  EXPECT_TRUE(other.UpdateOverload().Has(kRefuseUpgrades));
  process.memory.Add(-700);
  EXPECT_FALSE(other.LacksMemory());
  EXPECT_EQ(other.UpdateOverload(), OverloadActions());
}

}  // namespace
}  // namespace fairlead::admission
