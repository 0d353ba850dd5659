#include "pkg/drain/route_drains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/drain/cluster_test.h"

namespace fairlead::drain {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RouteDrainsTest : public ClusterTest {
 protected:
  RouteDrainsTest() : ClusterTest(2) {
    route_.on_removed = config::OnRemoved::kDrain;
    Update();
    one_ = endpoint(0);
  }

  void SetRoute(bool there) {
    has_route_ = there;
    Update();
  }

  std::shared_ptr<endpoint::Endpoint> one_;
};

TEST_F(RouteDrainsTest, LetsGoOfWhatARemovedRouteOpenedAndOfNothingElse) {
  tunnels_.Open(one_, 20);
  tunnels_.Add({.endpoint = one_, .route = "other"});
  SetRoute(false);
  Pass(seconds(1));
  EXPECT_NEAR(static_cast<double>(tunnels_.shut.size()), 11, 1);
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, SizeIs(20));
  EXPECT_EQ(tunnels_.orders[0].reason, telemetry::CloseReason::kRouteRemoved);
  EXPECT_EQ(reported_.at(0).route, "ws");
  EXPECT_EQ(reported_.at(0).cause, Cause::kRoute);
}

TEST_F(RouteDrainsTest, WithoutClusterSettingsItGoesByTheDefaults) {
  cluster_.resilience.drain.reset();
  Update();
  tunnels_.Open(one_, 1000);
  SetRoute(false);
  Pass(seconds(1));
  EXPECT_NEAR(static_cast<double>(tunnels_.shut.size()), 100, 5);
  EXPECT_EQ(tunnels_.orders[0].code, 1012);
}

TEST_F(RouteDrainsTest, KeepsThemUnlessTheRouteSaidOtherwise) {
  route_.on_removed = config::OnRemoved::kKeep;
  Update();
  tunnels_.Open(one_, 5);
  SetRoute(false);
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
}

TEST_F(RouteDrainsTest, ARouteThatComesBackKeepsTheRest) {
  tunnels_.Open(one_, 50);
  SetRoute(false);
  Pass(seconds(1));
  const size_t told = tunnels_.shut.size();
  SetRoute(true);
  Pass(seconds(100));
  EXPECT_THAT(tunnels_.shut, SizeIs(told));
  EXPECT_EQ(reported_.at(0).progress.state, State::kCancelled);
}

TEST_F(RouteDrainsTest, ALatecomerIsLetGoToo) {
  SetRoute(false);
  Pass(seconds(30));
  tunnels_.Open(one_, 1);  // its upgrade was under way
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, SizeIs(1));
  tunnels_.GoAllThatWereShut();
  Pass(minutes(3));
  tunnels_.Open(one_, 1);  // of whoever has that name by then
  Pass(minutes(1));
  EXPECT_THAT(tunnels_.shut, SizeIs(1)) << "it is not looked for them for ever";
}

}  // namespace
}  // namespace fairlead::drain
