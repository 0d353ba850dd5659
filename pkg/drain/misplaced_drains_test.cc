#include "pkg/drain/misplaced_drains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "pkg/base/mix.h"
#include "pkg/drain/cluster_test.h"

namespace fairlead::drain {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A cluster of four that hashes, with a tunnel for each of many keys.
class MisplacedDrainsTest : public ClusterTest {
 protected:
  static constexpr uint64_t kTunnels = 400;

  MisplacedDrainsTest() : ClusterTest(4) {
    cluster_.load_balancing = {.policy = config::Policy::kMaglev, .hash_key = {config::HeaderKey{"x-user"}}};
    cluster_.resilience.misplaced = config::Misplaced::kMove;
    cluster_.resilience.drain->rate = 0;
    Update();
  }

  // Where a new tunnel of that key would go.
  std::shared_ptr<endpoint::Endpoint> PlaceOf(uint64_t key) {
    const endpoint::Endpoint* const chosen = cluster().Preview(key, random_);
    for (const auto& endpoint : cluster().endpoints()) {
      if (endpoint.get() == chosen) return endpoint;
    }
    return nullptr;
  }
  uint64_t OpenAt(uint64_t key, const std::shared_ptr<endpoint::Endpoint>& at) {
    return tunnels_.Add({.endpoint = at, .key = cluster().Placed(key, *at, random_)});
  }
  void OpenAll() {
    for (uint64_t i = 1; i <= kTunnels; ++i) OpenAt(i * base::kGolden, PlaceOf(i * base::kGolden));
  }
  // The ids of those whose keys belong elsewhere now.
  std::set<uint64_t> Misplaced() {
    std::set<uint64_t> ids;
    for (const auto& [id, tunnel] : tunnels_.open()) {
      if (cluster().Home(tunnel.key->key, random_) != tunnel.endpoint.get()) ids.insert(id);
    }
    return ids;
  }
  std::set<uint64_t> Told() const {
    std::set<uint64_t> ids;
    for (const Member& member : tunnels_.shut) ids.insert(member.id);
    return ids;
  }
  void AddFifth() {
    Add("10.0.0.5:80");
    Update();
  }
};

TEST_F(MisplacedDrainsTest, AfterAScaleOutOnlyThoseGoThatShould) {
  OpenAll();
  AddFifth();
  const std::set<uint64_t> misplaced = Misplaced();
  EXPECT_GT(misplaced.size(), kTunnels / 10);
  EXPECT_LT(misplaced.size(), kTunnels / 3);
  Pass(seconds(1));
  EXPECT_EQ(Told(), misplaced);
  EXPECT_EQ(tunnels_.orders[0].reason, telemetry::CloseReason::kMisplaced);
  EXPECT_EQ(tunnels_.orders[0].code, 1012);
}

TEST_F(MisplacedDrainsTest, NobodyGoesUnlessTheClusterSaysSo) {
  cluster_.resilience.misplaced = config::Misplaced::kKeep;
  Update();
  OpenAll();
  AddFifth();
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
}

TEST_F(MisplacedDrainsTest, WhoWasPutElsewhereWhenHeOpenedStays) {
  for (uint64_t i = 1; i <= 50; ++i) {
    const auto home = PlaceOf(i * base::kGolden);
    OpenAt(i * base::kGolden, endpoint(home == endpoint(0) ? 1 : 0));
  }
  AddFifth();
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
}

TEST_F(MisplacedDrainsTest, KeysThatWereMadeOtherwiseAreLeftAlone) {
  OpenAll();
  cluster_.load_balancing.hash_key = {config::HeaderKey{"x-room"}};
  AddFifth();
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
}

TEST_F(MisplacedDrainsTest, AFurtherChangeSparesThoseThatAreAtHomeAgain) {
  cluster_.resilience.drain->rate = 10;
  OpenAll();
  AddFifth();
  Pass(seconds(1));
  const size_t told = tunnels_.shut.size();
  EXPECT_GT(told, 0u);
  cluster_.endpoints.pop_back();
  Update();
  Pass(seconds(60));
  EXPECT_THAT(tunnels_.shut, SizeIs(told));
}

TEST_F(MisplacedDrainsTest, AFurtherChangeTakesTheNextAlong) {
  cluster_.resilience.drain->rate = 100;
  OpenAll();
  AddFifth();
  Add("10.0.0.6:80");
  Update();
  const std::set<uint64_t> misplaced = Misplaced();
  for (int i = 0; i < 30; ++i) {
    Pass(seconds(1));
    for (const uint64_t id : Told()) EXPECT_TRUE(misplaced.contains(id));
    tunnels_.GoAllThatWereShut();
  }
  EXPECT_THAT(Misplaced(), IsEmpty());
}

TEST_F(MisplacedDrainsTest, NobodyIsSentToAnEndpointThatIsNotWell) {
  OpenAll();
  Add("10.0.0.5:80");
  const auto fifth = registry_.GetEndpoint("chat", cluster_.endpoints[4].address, "");
  fifth->SetUnhealthy(true);
  Update();
  Pass(seconds(300));
  EXPECT_THAT(tunnels_.shut, IsEmpty());
  fifth->SetUnhealthy(false);
  Pass(seconds(6));
  EXPECT_EQ(Told(), Misplaced());
}

TEST_F(MisplacedDrainsTest, NorToOneThatFallsIllMeanwhile) {
  cluster_.resilience.drain->rate = 10;
  OpenAll();
  AddFifth();
  Pass(seconds(2));
  endpoint(4)->SetUnhealthy(true);
  Pass(seconds(1));
  const size_t told = tunnels_.shut.size();
  EXPECT_GT(told, 0u);
  Pass(seconds(30));
  EXPECT_THAT(tunnels_.shut, SizeIs(told));
  endpoint(4)->SetUnhealthy(false);
  for (int i = 0; i < 30; ++i) {
    tunnels_.GoAllThatWereShut();
    Pass(seconds(1));
  }
  EXPECT_THAT(Misplaced(), IsEmpty());
}

TEST_F(MisplacedDrainsTest, NoMoreAreSentThanThereIsRoomFor) {
  OpenAll();
  cluster_.resilience.limits.max_connections_per_endpoint = 200;
  Add("10.0.0.5:80");
  const auto fifth = registry_.GetEndpoint("chat", cluster_.endpoints[4].address, "");
  fifth->AddActive(190);
  Update();
  Pass(seconds(20));
  EXPECT_THAT(tunnels_.shut, SizeIs(10));
  tunnels_.GoAllThatWereShut();
  fifth->AddActive(10);
  Pass(seconds(20));
  EXPECT_THAT(tunnels_.shut, SizeIs(10)) << "it is full";
  fifth->AddActive(-200);
}

TEST_F(MisplacedDrainsTest, TheyFollowANewcomerAsItGrows) {
  cluster_.load_balancing.slow_start = seconds(30);
  Update();
  OpenAll();
  AddFifth();  // with the least share
  const size_t misplaced = Misplaced().size();
  size_t gone = 0;
  const auto gone_at = [&](uint32_t share) {
    endpoint(4)->SetShare(share);
    Pass(seconds(10));
    gone += tunnels_.GoAllThatWereShut();
    Pass(seconds(2));
    return gone;
  };
  const size_t at_first = gone_at(1);
  EXPECT_LT(at_first, misplaced / 4);
  const size_t halfway = gone_at(endpoint::kWholeShare / 2);
  EXPECT_GT(halfway, at_first);
  EXPECT_LT(halfway, misplaced);
  EXPECT_EQ(gone_at(endpoint::kWholeShare), misplaced);
}

TEST_F(MisplacedDrainsTest, ThoseOfAnEndpointThatLeavesAreItsOwnAffair) {
  cluster_.resilience.drain.reset();
  Update();
  OpenAll();
  cluster_.endpoints[0].state = config::EndpointState::kDraining;
  Update();
  Pass(seconds(10));
  EXPECT_THAT(tunnels_.shut, IsEmpty()) << "without `drain` they stay";
}

}  // namespace
}  // namespace fairlead::drain
