#include "pkg/snapshot/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pkg/balancer/stable_hash.h"

namespace fairlead::snapshot {
namespace {

using endpoint::Lease;

config::Endpoint Backend(const std::string& address, uint32_t weight = 1,
                         config::EndpointState state = config::EndpointState::kActive) {
  config::Endpoint endpoint;
  endpoint.address = *base::SocketAddress::Parse(address);
  endpoint.weight = weight;
  endpoint.state = state;
  return endpoint;
}

config::Cluster Backends(config::Policy policy, std::vector<config::Endpoint> endpoints) {
  config::Cluster cluster;
  cluster.name = "chat";
  cluster.endpoints = std::move(endpoints);
  cluster.load_balancing.policy = policy;
  return cluster;
}

const config::Policy kPolicies[] = {config::Policy::kRoundRobin,       config::Policy::kLeastConnections,
                                    config::Policy::kRandomTwoChoices, config::Policy::kMaglev,
                                    config::Policy::kRingHash,         config::Policy::kRendezvous};

class ClusterTest : public ::testing::Test {
 protected:
  endpoint::Registry registry_{1};
  base::Random random_{1};
};

TEST_F(ClusterTest, CountsAPickUntilItsLeaseEnds) {
  const Cluster cluster(Backends(config::Policy::kRoundRobin, {Backend("192.0.2.1:80")}), {}, registry_);
  {
    const std::optional<Lease> lease = cluster.Pick(std::nullopt, random_);
    ASSERT_TRUE(lease);
    EXPECT_EQ(&lease->endpoint(), cluster.endpoints()[0].get());
    EXPECT_EQ(cluster.endpoints()[0]->active(), 1);
  }
  EXPECT_EQ(cluster.endpoints()[0]->active(), 0);
}

TEST_F(ClusterTest, NeverPicksWhoDrainsOrHasNoWeight) {
  for (const config::Policy policy : kPolicies) {
    const Cluster cluster(Backends(policy, {Backend("192.0.2.1:80", 5, config::EndpointState::kDraining),
                                            Backend("192.0.2.2:80", 0), Backend("192.0.2.3:80")}),
                          {}, registry_);
    for (uint64_t key = 0; key < 100; ++key) {
      const std::optional<Lease> lease = cluster.Pick(key, random_);
      ASSERT_TRUE(lease);
      ASSERT_EQ(lease->endpoint().label(), "192.0.2.3:80");
    }
  }
}

TEST_F(ClusterTest, TellsWhereATunnelBelongs) {
  using endpoint::Placement;
  config::Cluster config =
      Backends(config::Policy::kMaglev, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80")});
  config.load_balancing.hash_key = {config::HeaderKey{"x-user"}};
  const Cluster before(config, {}, registry_);
  const endpoint::Endpoint* const home = before.Home(7, random_);
  const auto other = std::find_if(before.endpoints().begin(), before.endpoints().end(),
                                  [&](const auto& endpoint) { return endpoint.get() != home; });
  const endpoint::PlacedKey at_home = before.Placed(7, *home, random_);
  const endpoint::PlacedKey away = before.Placed(7, **other, random_);
  EXPECT_EQ(before.PlacementOf(at_home, home, random_), Placement::kHome);
  EXPECT_EQ(before.PlacementOf(away, other->get(), random_), Placement::kAway);
  EXPECT_EQ(before.PlacementOf(std::nullopt, home, random_), Placement::kUnknown);

  std::erase_if(config.endpoints, [&](const auto& member) { return member.address == home->address(); });
  const Cluster after(config, {}, registry_);
  EXPECT_EQ(after.PlacementOf(at_home, home, random_), Placement::kMisplaced);
  EXPECT_EQ(after.PlacementOf(away, other->get(), random_), Placement::kHome);
  config.load_balancing.hash_key = {config::HeaderKey{"x-room"}};
  EXPECT_EQ(Cluster(config, {}, registry_).PlacementOf(at_home, home, random_), Placement::kUnknown);
  config.load_balancing.policy = config::Policy::kRoundRobin;
  EXPECT_EQ(Cluster(config, {}, registry_).PlacementOf(at_home, home, random_), Placement::kUnknown);
}

TEST_F(ClusterTest, PassesOverThoseExcluded) {
  for (const config::Policy policy : kPolicies) {
    const Cluster cluster(Backends(policy, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80")}), {},
                          registry_);
    const endpoint::Endpoint* failed[] = {cluster.endpoints()[0].get(), cluster.endpoints()[1].get()};
    for (uint64_t key = 0; key < 20; ++key) {
      EXPECT_EQ(&cluster.Pick(key, random_, std::span(failed).first(1))->endpoint(), failed[1]);
    }
    EXPECT_FALSE(cluster.Pick(7, random_, failed));
    EXPECT_EQ(failed[0]->active() + failed[1]->active(), 0);
  }
}

TEST_F(ClusterTest, HasNobodyToPickWithoutEndpoints) {
  for (const config::Policy policy : kPolicies) {
    EXPECT_FALSE(Cluster(Backends(policy, {}), {}, registry_).Pick(1, random_));
  }
}

TEST_F(ClusterTest, BalancesByWhatEndpointsHold) {
  const Cluster cluster(
      Backends(config::Policy::kLeastConnections, {Backend("192.0.2.1:80", 1), Backend("192.0.2.2:80", 3)}),
      {}, registry_);
  std::vector<Lease> leases;
  leases.reserve(400);
  for (int i = 0; i < 400; ++i) leases.push_back(*cluster.Pick(std::nullopt, random_));
  EXPECT_EQ(cluster.endpoints()[0]->active(), 100);
  EXPECT_EQ(cluster.endpoints()[1]->active(), 300);
}

TEST_F(ClusterTest, GoesOnWithTheTurnsOfTheClusterBefore) {
  const config::Cluster config =
      Backends(config::Policy::kRoundRobin, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80")});
  const Cluster before(config, {}, registry_), after(config, {}, registry_);
  EXPECT_NE(&before.Pick(std::nullopt, random_)->endpoint(), &after.Pick(std::nullopt, random_)->endpoint());
}

TEST_F(ClusterTest, HashesByAddressUnlessToldOtherwise) {
  config::Cluster by_address = Backends(
      config::Policy::kMaglev, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80"), Backend("192.0.2.3:80")});
  config::Cluster by_hash_id =
      Backends(config::Policy::kMaglev,
               {Backend("198.51.100.9:1"), Backend("198.51.100.8:1"), Backend("198.51.100.7:1")});
  for (size_t i = 0; i < 3; ++i) by_hash_id.endpoints[i].hash_id = by_address.endpoints[i].address.ToString();
  const Cluster one(by_address, {}, registry_), other(by_hash_id, {}, registry_);
  for (uint64_t key = 0; key < 300; ++key) {
    const auto place = [&](const Cluster& cluster) {
      const std::optional<Lease> lease = cluster.Pick(key, random_);
      size_t index = 0;
      while (cluster.endpoints()[index].get() != &lease->endpoint()) ++index;
      return index;
    };
    ASSERT_EQ(place(one), place(other));
  }
}

TEST_F(ClusterTest, SendsAKeyToTheSameEndpointEveryTime) {
  config::Cluster config = Backends(
      config::Policy::kMaglev, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80"), Backend("192.0.2.3:80")});
  config.load_balancing.hash_key = {config::SourceIpKey{}};
  const Cluster cluster(config, {}, registry_);
  const http1::Fields none;
  const route::RequestView request = {.headers = none, .client = base::IpAddress::Parse("203.0.113.5")};
  const std::optional<uint64_t> key = cluster.Key(request);
  ASSERT_EQ(key, balancer::StableHash(request.client->bytes()));
  const endpoint::Endpoint* first = &cluster.Pick(key, random_)->endpoint();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(&cluster.Pick(key, random_)->endpoint(), first);
}

TEST_F(ClusterTest, DrainingMovesOnlyTheKeysOfWhoDrains) {
  std::vector<config::Endpoint> backends;
  backends.reserve(10);
  for (int i = 0; i < 10; ++i) backends.push_back(Backend("192.0.2." + std::to_string(i) + ":80"));
  const Cluster before(Backends(config::Policy::kMaglev, backends), {}, registry_);
  backends[4].state = config::EndpointState::kDraining;
  const Cluster draining(Backends(config::Policy::kMaglev, backends), {}, registry_);
  backends.erase(backends.begin() + 4);
  const Cluster gone(Backends(config::Policy::kMaglev, backends), {}, registry_);
  int moved = 0;
  for (int i = 0; i < 10000; ++i) {
    const uint64_t key = balancer::StableHash(std::to_string(i));
    const endpoint::Endpoint* after = &draining.Pick(key, random_)->endpoint();
    moved += after != &before.Pick(key, random_)->endpoint();
    // And no key moves again when the drained one leaves for good.
    ASSERT_EQ(after, &gone.Pick(key, random_)->endpoint());
  }
  EXPECT_LT(moved, 1200);
}

TEST_F(ClusterTest, HasItsEndpointsFromDnsWhereItAsksForThem) {
  config::Cluster config = Backends(config::Policy::kRoundRobin, {});
  config.dns = config::Dns{"chat.example.com", 8080};
  const Cluster cluster(
      config, {*base::IpAddress::Parse("192.0.2.1"), *base::IpAddress::Parse("2001:db8::1")}, registry_);
  ASSERT_EQ(cluster.endpoints().size(), 2);
  EXPECT_EQ(cluster.endpoints()[0]->label(), "192.0.2.1:8080");
  EXPECT_EQ(cluster.endpoints()[1]->label(), "[2001:db8::1]:8080");
  EXPECT_TRUE(cluster.Pick(std::nullopt, random_));
}

TEST_F(ClusterTest, PassesOverWhoIsSickOrFullAsSoonAsItIsTold) {
  for (const config::Policy policy : kPolicies) {
    config::Cluster config = Backends(policy, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80"),
                                               Backend("192.0.2.3:80"), Backend("192.0.2.4:80")});
    config.load_balancing.panic_threshold_percent = 0;
    const Cluster cluster(config, {}, registry_);
    cluster.endpoints()[0]->SetUnhealthy(true);
    cluster.endpoints()[1]->SetEjected(true);
    const Lease held = *Lease::Take(cluster.endpoints()[2]);
    cluster.endpoints()[2]->SetMaxActive(1);
    for (uint64_t key = 0; key < 100; ++key) {
      ASSERT_EQ(&cluster.Pick(key << 56, random_)->endpoint(), cluster.endpoints()[3].get());
    }
    for (const auto& endpoint : cluster.endpoints()) {
      endpoint->SetUnhealthy(false);
      endpoint->SetEjected(false);
      endpoint->SetMaxActive(0);
    }
  }
}

TEST_F(ClusterTest, PicksAmongAllWhereTooFewAreHealthy) {
  const Cluster cluster(Backends(config::Policy::kRoundRobin,
                                 {Backend("192.0.2.1:80"), Backend("192.0.2.2:80"), Backend("192.0.2.3:80")}),
                        {}, registry_);
  cluster.endpoints()[0]->SetUnhealthy(true);
  cluster.endpoints()[1]->SetUnhealthy(true);
  std::vector<Lease> leases;
  for (int i = 0; i < 30; ++i) leases.push_back(*cluster.Pick(std::nullopt, random_));
  for (const auto& endpoint : cluster.endpoints()) EXPECT_EQ(endpoint->active(), 10);
}

TEST_F(ClusterTest, BoundsLoadsByWhatAllHold) {
  std::vector<config::Endpoint> backends;
  for (int i = 0; i < 40; ++i) backends.push_back(Backend("192.0.2." + std::to_string(i) + ":80"));
  for (const config::Policy policy :
       {config::Policy::kMaglev, config::Policy::kRingHash, config::Policy::kRendezvous}) {
    config::Cluster config = Backends(policy, backends);
    config.load_balancing.bounded_load_permille = 1250;
    const Cluster cluster(config, {}, registry_);
    std::vector<Lease> leases;
    for (uint64_t i = 0; i < 4000; ++i)
      leases.push_back(*cluster.Pick(balancer::StableHash(std::to_string(i % 60)), random_));
    // Loads are looked at anew every 2 picks here, and 125 is a quarter more than the mean.
    for (const auto& endpoint : cluster.endpoints()) EXPECT_LE(endpoint->active(), 126);
  }
}

TEST_F(ClusterTest, SparesANewcomerUntilItIsToldOtherwise) {
  std::vector<config::Endpoint> backends;
  for (int i = 0; i < 5; ++i) backends.push_back(Backend("192.0.2." + std::to_string(i) + ":80"));
  for (const config::Policy policy : kPolicies) {
    config::Cluster config = Backends(policy, {backends.begin(), backends.end() - 1});
    config.name = "of " + std::to_string(static_cast<int>(policy));
    config.load_balancing.slow_start = std::chrono::seconds(30);
    const Cluster before(config, {}, registry_);
    EXPECT_EQ(before.endpoints()[0]->condition().share, endpoint::kWholeShare);
    config.endpoints = backends;
    const Cluster after(config, {}, registry_, &before);
    std::vector<Lease> leases;
    for (uint64_t i = 0; i < 1000; ++i) {
      leases.push_back(*after.Pick(balancer::StableHash(std::to_string(i)), random_));
    }
    EXPECT_LE(after.endpoints()[4]->active(), 1);
    after.endpoints()[4]->SetShare(endpoint::kWholeShare);
    for (uint64_t i = 0; i < 1000; ++i) {
      leases.push_back(*after.Pick(balancer::StableHash(std::to_string(i)), random_));
    }
    EXPECT_GT(after.endpoints()[4]->active(), 130);
  }
}

TEST_F(ClusterTest, ANewcomerIsOneUntilItHasItsShareAndARecoveredOneIsNone) {
  config::Cluster config = Backends(config::Policy::kMaglev, {Backend("192.0.2.1:80")});
  config.load_balancing.slow_start = std::chrono::seconds(30);
  const Cluster first(config, {}, registry_);
  config.endpoints.push_back(Backend("192.0.2.2:80"));
  const Cluster second(config, {}, registry_, &first);
  first.endpoints()[0]->SetShare(1);  // has recovered
  const Cluster third(config, {}, registry_, &second);
  EXPECT_TRUE(second.IsNewcomer(1) && third.IsNewcomer(1));
  EXPECT_FALSE(second.IsNewcomer(0) || third.IsNewcomer(0));
  second.endpoints()[1]->SetShare(endpoint::kWholeShare);
  EXPECT_FALSE(Cluster(config, {}, registry_, &third).IsNewcomer(1));
}

TEST_F(ClusterTest, SaysWhetherFullnessIsInTheWay) {
  const Cluster cluster(
      Backends(config::Policy::kRoundRobin, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80")}), {},
      registry_);
  cluster.endpoints()[0]->SetMaxActive(1);
  const std::optional<Lease> held = Lease::Take(cluster.endpoints()[0]);
  const endpoint::Endpoint* tried[] = {cluster.endpoints()[0].get(), cluster.endpoints()[1].get()};
  bool full = false;
  EXPECT_FALSE(cluster.Pick(std::nullopt, random_, tried, &full));
  EXPECT_FALSE(full) << "it was tried, full or not";
  EXPECT_FALSE(cluster.Pick(std::nullopt, random_, std::span(tried).last(1), &full));
  EXPECT_TRUE(full);
  full = false;
  cluster.state()->max_active = 1;
  EXPECT_FALSE(cluster.Pick(std::nullopt, random_, {}, &full));
  EXPECT_TRUE(full);
}

TEST_F(ClusterTest, PrefersItsZone) {
  endpoint::Registry registry(1, "eu-1a");
  config::Cluster config =
      Backends(config::Policy::kRoundRobin,
               {Backend("192.0.2.1:80"), Backend("192.0.2.2:80"), Backend("192.0.2.3:80")});
  config.endpoints[1].zone = "eu-1a";
  config.endpoints[2].zone = "eu-1b";
  config.load_balancing.prefer_same_zone = true;
  const Cluster cluster(config, {}, registry);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(&cluster.Pick(std::nullopt, random_)->endpoint(), cluster.endpoints()[1].get());
  }
  // A proxy that does not know its zone prefers none.
  const Cluster anywhere(config, {}, registry_);
  EXPECT_EQ(anywhere.FairShare(0), 1.0 / 3);
}

TEST_F(ClusterTest, UsesTheNextPriorityWhenOneFails) {
  config::Cluster config =
      Backends(config::Policy::kMaglev, {Backend("192.0.2.1:80"), Backend("192.0.2.2:80")});
  config.endpoints[1].priority = 1;
  const Cluster cluster(config, {}, registry_);
  EXPECT_EQ(&cluster.Pick(1, random_)->endpoint(), cluster.endpoints()[0].get());
  cluster.endpoints()[0]->SetUnhealthy(true);
  EXPECT_EQ(&cluster.Pick(1, random_)->endpoint(), cluster.endpoints()[1].get());
  EXPECT_EQ(cluster.Home(1, random_), cluster.endpoints()[0].get());
}

TEST_F(ClusterTest, TakesTheEndpointThatAClientIsBoundTo) {
  config::Cluster config =
      Backends(config::Policy::kMaglev,
               {Backend("192.0.2.2:80"), Backend("192.0.2.1:80", 1, config::EndpointState::kDraining),
                Backend("192.0.2.3:80", 0)});
  EXPECT_FALSE(Cluster(config, {}, registry_).Take("192.0.2.2:80")) << "clients are not bound";
  config.resilience.sticky_cookie.emplace();
  const Cluster cluster(config, {}, registry_);
  EXPECT_EQ(&cluster.Take("192.0.2.2:80")->endpoint(), cluster.endpoints()[0].get());
  EXPECT_EQ(&cluster.Take("192.0.2.1:80")->endpoint(), cluster.endpoints()[1].get());
  EXPECT_FALSE(cluster.Take("192.0.2.3:80")) << "weight 0";
  EXPECT_FALSE(cluster.Take("192.0.2.4:80")) << "nobody's";
  cluster.endpoints()[1]->SetUnhealthy(true);
  EXPECT_FALSE(cluster.Take("192.0.2.1:80"));
  cluster.endpoints()[1]->SetUnhealthy(false);
  config.resilience.drain.emplace();
  EXPECT_FALSE(Cluster(config, {}, registry_).Take("192.0.2.1:80")) << "it tells its tunnels to go";
  EXPECT_TRUE(Cluster(config, {}, registry_).Take("192.0.2.2:80"));
}

TEST_F(ClusterTest, SaysWhyItPassesOver) {
  const Cluster cluster(
      Backends(config::Policy::kRendezvous, {Backend("192.0.2.1:80", 1, config::EndpointState::kDraining),
                                             Backend("192.0.2.2:80"), Backend("192.0.2.3:80")}),
      {}, registry_);
  cluster.endpoints()[1]->SetUnhealthy(true);
  balancer::Trace trace;
  EXPECT_EQ(cluster.Preview(7, random_, &trace), cluster.endpoints()[2].get());
  EXPECT_EQ(trace.why,
            (std::vector{balancer::Why::kDraining, balancer::Why::kUnhealthy, balancer::Why::kPicked}));
}

TEST_F(ClusterTest, IsPickedFromByManyThreadsWhileConditionsChange) {
  std::vector<config::Endpoint> backends;
  for (int i = 0; i < 8; ++i) backends.push_back(Backend("192.0.2." + std::to_string(i) + ":80"));
  config::Cluster config = Backends(config::Policy::kMaglev, backends);
  config.load_balancing.bounded_load_permille = 1250;
  const Cluster cluster(config, {}, registry_);
  std::vector<std::thread> threads;
  for (uint64_t worker = 0; worker < 3; ++worker) {
    threads.emplace_back([&cluster, worker] {
      base::Random random(worker);
      std::vector<Lease> leases;
      for (uint64_t i = 0; i < 2000; ++i) {
        std::optional<Lease> lease = cluster.Pick(random(), random);
        ASSERT_TRUE(lease);
        if (i % 2 == 0) leases.push_back(*std::move(lease));
      }
    });
  }
  for (uint32_t i = 0; i < 2000; ++i) {
    cluster.endpoints()[i % 8]->SetUnhealthy(i % 3 == 0);
    cluster.endpoints()[i % 5]->SetShare(i * 32);
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& endpoint : cluster.endpoints()) EXPECT_EQ(endpoint->active(), 0);
}

TEST_F(ClusterTest, LeavesALeaseBehindThatNeedsItNoMore) {
  std::optional<Lease> lease;
  {
    const Cluster cluster(Backends(config::Policy::kRoundRobin, {Backend("192.0.2.1:80")}), {}, registry_);
    lease = cluster.Pick(std::nullopt, random_);
  }
  registry_.Prune();
  EXPECT_EQ(lease->endpoint().label(), "192.0.2.1:80");
  EXPECT_EQ(registry_.Samples().size(), 1);
  lease.reset();
  EXPECT_TRUE(registry_.Samples().empty());
}

}  // namespace
}  // namespace fairlead::snapshot
