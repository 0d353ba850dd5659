#include "pkg/upstream/outcome.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/endpoint/registry.h"

namespace fairlead::upstream {
namespace {

class OutcomeTest : public ::testing::Test {
 protected:
  OutcomeTest() {
    config_.name = "chat";
    config_.resilience.outlier.emplace().consecutive_failures = 3;
    for (int i = 0; i < 4; ++i) {
      config_.endpoints.emplace_back();
      config_.endpoints.back().address = *base::SocketAddress::Parse("192.0.2." + std::to_string(i) + ":80");
    }
    Update();
  }
  void Update() {
    cluster_ = std::make_unique<const snapshot::Cluster>(config_, std::vector<base::IpAddress>(), registry_,
                                                         cluster_.get());
  }
  endpoint::Endpoint& At(size_t place) { return *cluster_->endpoints()[place]; }
  endpoint::Lease LeaseOn(size_t place) { return *endpoint::Lease::Take(cluster_->endpoints()[place]); }
  bool Ejected(size_t place) { return At(place).condition().ejected; }
  void Fail(size_t place, int times = 3) {
    for (int i = 0; i < times; ++i) CountFailure(*cluster_, LeaseOn(place), now_);
  }

  endpoint::Registry registry_{1};
  config::Cluster config_;
  std::unique_ptr<const snapshot::Cluster> cluster_;
  base::MonotonicTime now_{std::chrono::hours(1)};
};

TEST_F(OutcomeTest, ASuccessEndsTheRow) {
  Fail(0, 2);
  CountSuccess(*cluster_, LeaseOn(0));
  Fail(0, 2);
  EXPECT_FALSE(Ejected(0));
  Fail(0, 1);
  EXPECT_TRUE(Ejected(0));
}

TEST_F(OutcomeTest, BackAgainTheNextFailureIsEnough) {
  const endpoint::Lease under_way = LeaseOn(0);
  Fail(0);
  EXPECT_TRUE(Ejected(0));
  CountSuccess(*cluster_, under_way);  // begun before it was ejected: says nothing about later
  CountFailure(*cluster_, under_way, now_);
  now_ += std::chrono::hours(1);
  cluster_->state()->ejections.Return(now_);
  Fail(0, 1);
  EXPECT_TRUE(Ejected(0));
}

TEST_F(OutcomeTest, WhereTooManyAreAwayTheRowBeginsAnew) {
  Fail(0);
  Fail(1);
  Fail(2);
  EXPECT_TRUE(Ejected(0) && Ejected(1));
  EXPECT_FALSE(Ejected(2)) << "half of four may be away";
  EXPECT_EQ(At(2).failures_in_a_row(), 0u);
}

TEST_F(OutcomeTest, ThoseThatTakeNothingNewAreNotCounted) {
  config_.endpoints[2].state = config::EndpointState::kDraining;
  config_.endpoints[3].weight = 0;
  Update();
  Fail(0);
  Fail(1);
  EXPECT_TRUE(Ejected(0));
  EXPECT_FALSE(Ejected(1)) << "half of the two that are left";
}

TEST_F(OutcomeTest, ThoseThatHaveLeftMakeRoom) {
  const endpoint::Lease first = LeaseOn(0), second = LeaseOn(1);  // tunnels keep them
  Fail(0);
  Fail(1);
  config_.endpoints.erase(config_.endpoints.begin(), config_.endpoints.begin() + 2);
  Update();
  Fail(0);
  EXPECT_TRUE(Ejected(0));
}

}  // namespace
}  // namespace fairlead::upstream
