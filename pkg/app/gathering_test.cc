#include "pkg/app/gathering.h"

#include <gmock/gmock.h>

namespace fairlead::app {
namespace {

using testing::ElementsAre;

struct Item {
  uint64_t id = 0;
  bool operator==(const Item&) const = default;
};

TEST(Merged, HoldsWhatAWorkerListedTwiceOnce) {
  EXPECT_THAT(Merged<Item>({{{3}, {1}, {3}}, {}, {{2}, {1}}}), ElementsAre(Item{3}, Item{1}, Item{2}));
}

}  // namespace
}  // namespace fairlead::app
