#include "pkg/endpoint/retry_permit.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace fairlead::endpoint {
namespace {

size_t Takeable(const std::shared_ptr<ClusterState>& cluster, uint32_t percent, uint32_t minimum) {
  std::vector<RetryPermit> held;
  while (auto permit = RetryPermit::Take(cluster, percent, minimum)) held.push_back(*std::move(permit));
  return held.size();
}

TEST(RetryPermit, AllowsAShareOfWhatIsUnderWay) {
  const auto cluster = std::make_shared<ClusterState>(0);
  cluster->active = 50;
  EXPECT_EQ(Takeable(cluster, 20, 3), 10u);
  EXPECT_EQ(cluster->retries, 0u) << "given back";
}

TEST(RetryPermit, AllowsTheMinimumWhenLittleIsUnderWay) {
  const auto cluster = std::make_shared<ClusterState>(0);
  EXPECT_EQ(Takeable(cluster, 20, 3), 3u);
  EXPECT_EQ(Takeable(cluster, 20, 0), 0u);
}

TEST(RetryPermit, TunnelsAreNotUnderWay) {
  const auto cluster = std::make_shared<ClusterState>(0);
  cluster->active = 10'050;
  cluster->open_tunnels = 10'000;
  EXPECT_EQ(Takeable(cluster, 20, 3), 10u);
}

TEST(RetryPermit, IsCountedOnceHoweverOftenItMoves) {
  const auto cluster = std::make_shared<ClusterState>(0);
  {
    auto permit = RetryPermit::Take(cluster, 20, 1);
    const RetryPermit moved = *std::move(permit);
    permit.reset();
    EXPECT_EQ(cluster->retries, 1u);
  }
  EXPECT_EQ(cluster->retries, 0u);
}

}  // namespace
}  // namespace fairlead::endpoint
