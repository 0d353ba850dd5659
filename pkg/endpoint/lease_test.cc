#include "pkg/endpoint/lease.h"

#include <gtest/gtest.h>

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
    const Lease one(endpoint), other(endpoint);
    EXPECT_EQ(endpoint->active(), 2);
    EXPECT_EQ(endpoint->open_tunnels(), 0);
  }
  EXPECT_EQ(endpoint->active(), 0);
}

TEST(Lease, CountsAsATunnelFromWhenItBecameOne) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  {
    Lease lease(endpoint);
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
  Lease lease(first);
  lease.BecomeTunnel();
  Lease moved(std::move(lease));
  EXPECT_EQ(first->active(), 1);
  EXPECT_EQ(first->open_tunnels(), 1);
  moved = Lease(second);
  EXPECT_EQ(first->active(), 0);
  EXPECT_EQ(first->open_tunnels(), 0);
  EXPECT_EQ(&moved.endpoint(), second.get());
  EXPECT_EQ(second->active(), 1);
  EXPECT_EQ(second->open_tunnels(), 0);
}

TEST(Lease, KeepsItsEndpoint) {
  std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  const std::weak_ptr<Endpoint> watch = endpoint;
  std::optional<Lease> lease(std::move(endpoint));
  EXPECT_FALSE(watch.expired());
  lease.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(Lease, CountsFromManyThreads) {
  const std::shared_ptr<Endpoint> endpoint = MakeEndpoint();
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10000; ++round) {
        Lease lease(endpoint);
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
