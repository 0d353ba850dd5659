#include "pkg/base/deadline_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace fairlead::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const MonotonicTime kStart{std::chrono::hours(1)};

class Alarm final : public DeadlineWheel::Entry {
 public:
  explicit Alarm(std::function<void(MonotonicTime)> action) : action_(std::move(action)) {}

 private:
  void OnDeadline(MonotonicTime now) override { action_(now); }
  std::function<void(MonotonicTime)> action_;
};

TEST(DeadlineWheel, FiresAtMostATickLateAndNeverEarly) {
  DeadlineWheel wheel(kStart);
  MonotonicTime fired;
  Alarm alarm([&](MonotonicTime now) { fired = now; });
  for (int after : {1, 99, 100, 101, 5000, 102399, 102400, 250000, 300001}) {
    const MonotonicTime begin = kStart + seconds(after * 10);
    wheel.Advance(begin);
    fired = {};
    wheel.Arm(alarm, begin + milliseconds(after));
    MonotonicTime now = begin;
    while (fired == MonotonicTime{}) {
      ASSERT_LE(now, begin + milliseconds(after) + DeadlineWheel::kTick);
      now += milliseconds(1);
      wheel.Advance(now);
    }
    EXPECT_GE(fired, begin + milliseconds(after));
  }
}

TEST(DeadlineWheel, AClockThatJumpsFiresEverythingDueOnce) {
  DeadlineWheel wheel(kStart);
  int fired = 0;
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int i = 0; i < 5000; ++i) {
    alarms.push_back(std::make_unique<Alarm>([&](MonotonicTime) { ++fired; }));
    wheel.Arm(*alarms.back(), kStart + milliseconds(i * 137));
  }
  wheel.Advance(kStart + std::chrono::hours(2));
  EXPECT_EQ(fired, 5000);
  EXPECT_FALSE(wheel.NextDue());
}

TEST(DeadlineWheel, SaysWhenToComeBack) {
  DeadlineWheel wheel(kStart);
  Alarm near([](MonotonicTime) {}), far([](MonotonicTime) {});
  EXPECT_FALSE(wheel.NextDue());
  wheel.Arm(far, kStart + seconds(60));
  wheel.Arm(near, kStart + seconds(2));
  EXPECT_EQ(*wheel.NextDue(), kStart + seconds(2));
  wheel.Advance(kStart + seconds(2));
  EXPECT_EQ(*wheel.NextDue(), kStart + seconds(60));
  EXPECT_FALSE(near.armed());
}

TEST(DeadlineWheel, ACallbackMayDestroyAnotherThatIsDue) {
  DeadlineWheel wheel(kStart);
  int fired = 0;
  std::unique_ptr<Alarm> first, second;
  first = std::make_unique<Alarm>([&](MonotonicTime) { ++fired, second.reset(); });
  second = std::make_unique<Alarm>([&](MonotonicTime) { ++fired, first.reset(); });
  wheel.Arm(*first, kStart + seconds(1));
  wheel.Arm(*second, kStart + seconds(1));
  wheel.Advance(kStart + seconds(1));
  EXPECT_EQ(fired, 1);
}

TEST(DeadlineWheel, RearmingInTheCallbackWaitsForItsOwnTurn) {
  DeadlineWheel wheel(kStart);
  std::vector<MonotonicTime> fired;
  Alarm* self = nullptr;
  Alarm alarm([&](MonotonicTime now) {
    fired.push_back(now);
    wheel.Arm(*self, now + seconds(1));
  });
  self = &alarm;
  wheel.Arm(alarm, kStart);
  for (int tick = 0; tick <= 30; ++tick) wheel.Advance(kStart + tick * DeadlineWheel::kTick);
  EXPECT_THAT(fired,
              testing::ElementsAre(kStart, kStart + seconds(1), kStart + seconds(2), kStart + seconds(3)));
}

TEST(DeadlineWheel, DisarmedEntriesStaySilent) {
  DeadlineWheel wheel(kStart);
  int fired = 0;
  Alarm alarm([&](MonotonicTime) { ++fired; });
  wheel.Arm(alarm, kStart + seconds(1));
  alarm.Disarm();
  wheel.Advance(kStart + seconds(5));
  EXPECT_EQ(fired, 0);
}

}  // namespace
}  // namespace fairlead::base
