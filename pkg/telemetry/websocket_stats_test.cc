#include "pkg/telemetry/websocket_stats.h"

#include <gtest/gtest.h>

namespace fairlead::telemetry {
namespace {

size_t BucketThatTakes(uint64_t size) {
  MessageCounters counters;
  counters.Add(size);
  for (size_t i = 0; i < MessageCounters::kBuckets; ++i) {
    if (counters.messages(i) == 1) return i;
  }
  return MessageCounters::kBuckets;
}

TEST(MessageCounters, BoundsAreInclusive) {
  EXPECT_EQ(BucketThatTakes(0), 0u);
  EXPECT_EQ(BucketThatTakes(1), 0u);
  for (size_t i = 0; i + 1 < MessageCounters::kBuckets; ++i) {
    EXPECT_EQ(BucketThatTakes(MessageCounters::BoundOf(i)), i);
    EXPECT_EQ(BucketThatTakes(MessageCounters::BoundOf(i) + 1), i + 1);
  }
  EXPECT_EQ(BucketThatTakes(UINT64_MAX), MessageCounters::kBuckets - 1);
}

TEST(MessageCounters, AddUp) {
  MessageCounters one, two;
  one.Add(10);
  one.Add(1000);
  two.Add(5);
  two.Absorb(one);
  EXPECT_EQ(two.messages(), 3u);
  EXPECT_EQ(two.messages(0), 2u);
  EXPECT_EQ(two.bytes(), 1015u);
}

TEST(CloseCounters, HaveABoundedSetOfLabels) {
  CloseCounters counters;
  const auto counted = [&](int code) {
    CloseCounters one;
    one.Add(code, Initiator::kBackend);
    counters.Absorb(one);
    for (size_t i = 0; i < CloseCounters::kSize; ++i) {
      if (one.value(i, Initiator::kBackend) == 1) return CloseCounters::Label(i);
    }
    return std::string("nowhere");
  };
  EXPECT_EQ(counted(1000), "1000");
  EXPECT_EQ(counted(1015), "1015");
  EXPECT_EQ(counted(1016), "other");
  EXPECT_EQ(counted(0), "other");
  EXPECT_EQ(counted(2999), "other");
  EXPECT_EQ(counted(3000), "3xxx");
  EXPECT_EQ(counted(4999), "4xxx");
  EXPECT_EQ(counted(65535), "other");
  EXPECT_EQ(counters.value(CloseCounters::kSize - 1, Initiator::kBackend), 4u);
}

}  // namespace
}  // namespace fairlead::telemetry
