#include "pkg/endpoint/endpoint.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "pkg/endpoint/lease.h"

namespace fairlead::endpoint {
namespace {

std::shared_ptr<Endpoint> MakeEndpoint(std::shared_ptr<ClusterState> state) {
  return std::make_shared<Endpoint>("chat", *base::SocketAddress::Parse("192.0.2.1:80"), "",
                                    std::move(state));
}

TEST(Endpoint, HasNothingAgainstItAtFirst) {
  EXPECT_EQ(MakeEndpoint(nullptr)->condition(), Condition{});
  EXPECT_FALSE(MakeEndpoint(nullptr)->full());
}

TEST(Endpoint, KeepsThePartsOfItsConditionApart) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint(nullptr);
  endpoint->SetUnhealthy(true);
  endpoint->SetShare(0);
  endpoint->SetEjected(true);
  EXPECT_EQ(endpoint->condition(), (Condition{.unhealthy = true, .ejected = true, .share = 1}));
  endpoint->SetUnhealthy(false);
  endpoint->SetShare(30000);
  EXPECT_EQ(endpoint->condition(), (Condition{.ejected = true, .share = 30000}));
  endpoint->SetEjected(false);
  endpoint->SetShare(kWholeShare + 5);
  EXPECT_EQ(endpoint->condition(), Condition{});
}

TEST(Endpoint, TellsItsClusterWhatChangedAndNothingElse) {
  const auto state = std::make_shared<ClusterState>(0);
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint(state);
  endpoint->SetUnhealthy(false);
  endpoint->SetShare(kWholeShare);
  EXPECT_EQ(state->conditions, 0);
  endpoint->SetUnhealthy(true);
  endpoint->SetUnhealthy(true);
  EXPECT_EQ(state->conditions, 1);
  endpoint->SetShare(5);
  EXPECT_EQ(state->conditions, 2);
}

TEST(Endpoint, IsFullAtItsLimit) {
  const auto state = std::make_shared<ClusterState>(0);
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint(state);
  endpoint->SetMaxActive(2);
  const Lease one = *Lease::Take(endpoint);
  EXPECT_FALSE(endpoint->full());
  {
    const Lease two = *Lease::Take(endpoint);
    EXPECT_TRUE(endpoint->full());
    EXPECT_EQ(state->active, 2);
    endpoint->SetMaxActive(0);
    EXPECT_FALSE(endpoint->full());
  }
  EXPECT_EQ(state->active, 1);
}

TEST(Endpoint, LosesNoChangeAmongThreads) {
  const auto state = std::make_shared<ClusterState>(0);
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint(state);
  std::thread other([&] {
    for (int i = 0; i < 10000; ++i) endpoint->SetEjected(i % 2 == 0);
    endpoint->SetEjected(true);
  });
  for (uint32_t i = 1; i < 10000; ++i) endpoint->SetShare(i);
  other.join();
  EXPECT_EQ(endpoint->condition(), (Condition{.ejected = true, .share = 9999}));
}

}  // namespace
}  // namespace fairlead::endpoint
