#include "pkg/endpoint/lease.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead::endpoint {
namespace {

std::shared_ptr<Endpoint> MakeEndpoint() {
  return std::make_shared<Endpoint>("chat", *base::SocketAddress::Parse("192.0.2.1:80"), "");
}

TEST(Lease, CountsWhileItLives) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  {
    const Lease one = *Lease::Take(endpoint), other = *Lease::Take(endpoint);
    EXPECT_EQ(endpoint->active(), 2);
    EXPECT_EQ(endpoint->open_tunnels(), 0);
  }
  EXPECT_EQ(endpoint->active(), 0);
}

TEST(Lease, CountsAsATunnelFromWhenItBecameOne) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  {
    Lease lease = *Lease::Take(endpoint);
    lease.BecomeTunnel();
    lease.BecomeTunnel();
    EXPECT_EQ(endpoint->open_tunnels(), 1);
    EXPECT_EQ(endpoint->active(), 1);
  }
  EXPECT_EQ(endpoint->open_tunnels(), 0);
  EXPECT_EQ(endpoint->active(), 0);
}

TEST(Lease, MovesWithoutCountingTwice) {
  const std::shared_ptr<Endpoint> first = MakeEndpoint(), second = MakeEndpoint();
  Lease lease = *Lease::Take(first);
  lease.BecomeTunnel();
  Lease moved(std::move(lease));
  EXPECT_EQ(first->active(), 1);
  EXPECT_EQ(first->open_tunnels(), 1);
  moved = *Lease::Take(second);
  EXPECT_EQ(first->active(), 0);
  EXPECT_EQ(first->open_tunnels(), 0);
  EXPECT_EQ(&moved.endpoint(), second.get());
  EXPECT_EQ(second->active(), 1);
  EXPECT_EQ(second->open_tunnels(), 0);
}

TEST(Lease, KeepsItsEndpoint) {
  std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  const std::weak_ptr<Endpoint> watch = endpoint;
  std::optional<Lease> lease = Lease::Take(std::move(endpoint));
  EXPECT_FALSE(watch.expired());
  lease.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(Lease, IsToBeHadUpToTheEndpointsLimit) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  endpoint->SetMaxActive(2);
  std::optional<Lease> one = Lease::Take(endpoint), other = Lease::Take(endpoint);
  ASSERT_TRUE(one && other);
  EXPECT_TRUE(endpoint->full());
  EXPECT_FALSE(Lease::Take(endpoint));
  EXPECT_EQ(endpoint->cluster_state()->active, 2) << "what was refused is not counted";
  one.reset();
  EXPECT_TRUE(Lease::Take(endpoint));
}

TEST(Lease, IsToBeHadUpToTheClustersLimit) {
  const auto cluster = std::make_shared<ClusterState>(0);
  const auto first =
      std::make_shared<Endpoint>("chat", *base::SocketAddress::Parse("192.0.2.1:80"), "", cluster);
  const auto second =
      std::make_shared<Endpoint>("chat", *base::SocketAddress::Parse("192.0.2.2:80"), "", cluster);
  cluster->max_active = 1;
  const std::optional<Lease> lease = Lease::Take(first);
  EXPECT_TRUE(cluster->full());
  EXPECT_FALSE(Lease::Take(second));
  EXPECT_EQ(second->active(), 0);
}

TEST(Lease, CountsAsAPendingConnectUntilConnected) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  endpoint->SetMaxConnecting(1);
  std::optional<Lease> lease = Lease::Take(endpoint);
  EXPECT_TRUE(endpoint->full());
  EXPECT_FALSE(Lease::Take(endpoint));
  EXPECT_EQ(endpoint->active(), 1);
  lease->Connected();
  lease->Connected();
  std::optional<Lease> next = Lease::Take(endpoint);
  ASSERT_TRUE(next);
  next.reset();  // gave up before it connected
  EXPECT_FALSE(endpoint->full());
  EXPECT_EQ(endpoint->active(), 1);
}

TEST(Lease, HoldsItsLimitAgainstManyThreads) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  endpoint->SetMaxActive(3);
  std::atomic<bool> exceeded = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10000; ++round) {
        const std::optional<Lease> one = Lease::Take(endpoint), other = Lease::Take(endpoint);
        if (endpoint->active() > 3) exceeded = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(endpoint->active(), 0);
  EXPECT_EQ(endpoint->cluster_state()->active, 0);
}

TEST(Lease, CountsFromManyThreads) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10000; ++round) {
        Lease lease = *Lease::Take(endpoint);
        lease.BecomeTunnel();
        endpoint->CountConnectFailure();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(endpoint->active(), 0);
  EXPECT_EQ(endpoint->open_tunnels(), 0);
  EXPECT_EQ(endpoint->connect_failures(), 40000);
}

}  // namespace
}  // namespace fairlead::endpoint
