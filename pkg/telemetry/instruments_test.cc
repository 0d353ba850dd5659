#include "pkg/telemetry/instruments.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "pkg/telemetry/status_counters.h"

namespace fairlead::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array kBounds{0.1, 1.0, 10.0};

TEST(Counter, AddsUp) {
  Counter counter;
  counter.Add(3);
  counter.Add(uint64_t{1} << 40);
  EXPECT_EQ(counter.value(), (uint64_t{1} << 40) + 3);
}

TEST(Gauge, GoesBothWaysAndBelowZero) {
  Gauge gauge;
  gauge.Increment();
  gauge.Add(-5);
  EXPECT_EQ(gauge.value(), -4);
  gauge.Decrement();
  EXPECT_EQ(gauge.value(), -5);
  gauge.Set(7);
  EXPECT_EQ(gauge.value(), 7);
}

TEST(Histogram, CountsAValueInTheFirstBucketThatReachesIt) {
  Histogram histogram(kBounds);
  histogram.Observe(milliseconds(50));
  histogram.Observe(milliseconds(1000));  // a bound is inclusive
  histogram.Observe(milliseconds(1001));
  EXPECT_EQ(histogram.count(0), 1u);
  EXPECT_EQ(histogram.count(1), 1u);
  EXPECT_EQ(histogram.count(2), 1u);
  EXPECT_EQ(histogram.count(3), 0u);
}

TEST(Histogram, KeepsWhatLiesAboveTheLastBound) {
  Histogram histogram(kBounds);
  histogram.Observe(seconds(11));
  EXPECT_EQ(histogram.count(3), 1u);
}

TEST(Histogram, SumsInSeconds) {
  Histogram histogram(kBounds);
  histogram.Observe(milliseconds(250));
  histogram.Observe(seconds(2));
  EXPECT_DOUBLE_EQ(histogram.sum(), 2.25);
}

TEST(StatusCounters, NameEachRegisteredCodeOnceAndTheRestOther) {
  StatusCounters counters;
  for (int status = -1; status <= 1000; ++status) counters.Add(status);
  for (size_t i = 0; i + 1 < StatusCounters::kSize; ++i) {
    EXPECT_EQ(counters.value(i), 1u) << StatusCounters::Label(i);
    EXPECT_EQ(StatusCounters::Label(i).size(), 3u);
  }
  EXPECT_EQ(StatusCounters::Label(StatusCounters::kSize - 1), "other");
  EXPECT_EQ(counters.value(StatusCounters::kSize - 1), 1002 - (StatusCounters::kSize - 1));
}

TEST(StatusCounters, CountUnderTheirLabel) {
  StatusCounters counters;
  counters.Add(101);
  counters.Add(511);
  EXPECT_EQ(StatusCounters::Label(0), "101");
  EXPECT_EQ(counters.value(0), 1u);
  EXPECT_EQ(StatusCounters::Label(StatusCounters::kSize - 2), "511");
  EXPECT_EQ(counters.value(StatusCounters::kSize - 2), 1u);
}

}  // namespace
}  // namespace fairlead::telemetry
