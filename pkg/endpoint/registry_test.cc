#include "pkg/endpoint/registry.h"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <thread>

#include "pkg/endpoint/lease.h"

namespace fairlead::endpoint {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;

const base::SocketAddress kFirst = *base::SocketAddress::Parse("192.0.2.1:80");
const base::SocketAddress kSecond = *base::SocketAddress::Parse("192.0.2.2:80");
const base::SocketAddress kLocal = *base::SocketAddress::Parse("unix:/run/app.sock");

TEST(Registry, FindsTheSameEndpointAgain) {
  Registry registry(1);
  const std::shared_ptr<Endpoint> endpoint = registry.GetEndpoint("chat", kFirst, "pod");
  EXPECT_EQ(registry.GetEndpoint("chat", kFirst, "pod"), endpoint);
  EXPECT_EQ(endpoint->cluster(), "chat");
  EXPECT_EQ(endpoint->address(), kFirst);
  EXPECT_EQ(endpoint->id(), "pod");
}

TEST(Registry, TellsApartByClusterAddressAndId) {
  Registry registry(1);
  const std::shared_ptr<Endpoint> endpoint = registry.GetEndpoint("chat", kFirst, "pod");
  EXPECT_NE(registry.GetEndpoint("news", kFirst, "pod"), endpoint);
  EXPECT_NE(registry.GetEndpoint("chat", kSecond, "pod"), endpoint);
  EXPECT_NE(registry.GetEndpoint("chat", kLocal, "pod"), endpoint);
  EXPECT_NE(registry.GetEndpoint("chat", kFirst, "next-pod"), endpoint);
}

TEST(Registry, LabelsAnEndpointByIdOrAddress) {
  Registry registry(1);
  EXPECT_EQ(registry.GetEndpoint("chat", kFirst, "pod")->label(), "pod");
  EXPECT_EQ(registry.GetEndpoint("chat", kFirst, "")->label(), "192.0.2.1:80");
  EXPECT_EQ(registry.GetEndpoint("chat", kLocal, "")->label(), "unix:/run/app.sock");
}

TEST(Registry, RemembersAnEndpointWhileALeaseHoldsIt) {
  Registry registry(1);
  std::shared_ptr<Endpoint> endpoint = registry.GetEndpoint("chat", kFirst, "");
  endpoint->CountConnectFailure();
  {
    const Lease lease = *Lease::Take(std::move(endpoint));
    registry.Prune();
    EXPECT_EQ(registry.GetEndpoint("chat", kFirst, "")->connect_failures(), 1);
  }
  registry.Prune();
  EXPECT_EQ(registry.GetEndpoint("chat", kFirst, "")->connect_failures(), 0);
}

TEST(Registry, KeepsAClustersTurnsWhileSomebodyHoldsThem) {
  Registry registry(1);
  const std::shared_ptr<ClusterState> state = registry.GetClusterState("chat");
  registry.Prune();
  EXPECT_EQ(registry.GetClusterState("chat"), state);
  EXPECT_NE(registry.GetClusterState("news"), state);
}

TEST(Registry, StartsTheTurnsWhereTheSeedSays) {
  Registry one(1), same(1), other(2);
  EXPECT_EQ(one.GetClusterState("chat")->turn, same.GetClusterState("chat")->turn);
  EXPECT_NE(one.GetClusterState("news")->turn, other.GetClusterState("news")->turn);
}

TEST(Registry, SamplesWhatIsHeldInOrder) {
  Registry registry(1);
  const std::shared_ptr<Endpoint> news = registry.GetEndpoint("news", kFirst, "");
  const std::shared_ptr<Endpoint> second = registry.GetEndpoint("chat", kSecond, "");
  const std::shared_ptr<Endpoint> first = registry.GetEndpoint("chat", kFirst, "");
  registry.GetEndpoint("chat", kLocal, "");  // let go at once
  Lease tunnel = *Lease::Take(first);
  tunnel.BecomeTunnel();
  const Lease request = *Lease::Take(first);
  second->CountConnectFailure();
  EXPECT_THAT(registry.Samples(), ElementsAre(FieldsAre("chat", "192.0.2.1:80", 1, 0, 0, true),
                                              FieldsAre("chat", "192.0.2.2:80", 0, 1, 0, true),
                                              FieldsAre("news", "192.0.2.1:80", 0, 0, 0, true)));
}

TEST(Registry, AddsUpEndpointsThatShareALabel) {
  Registry registry(1);
  Lease before = *Lease::Take(registry.GetEndpoint("chat", kFirst, "pod")),
        after = *Lease::Take(registry.GetEndpoint("chat", kSecond, "pod"));
  before.BecomeTunnel();
  after.BecomeTunnel();
  EXPECT_THAT(registry.Samples(), ElementsAre(FieldsAre("chat", "pod", 2, 0, 0, true)));
}

TEST(Registry, IsEmptyWhenAllIsGone) {
  Registry registry(1);
  registry.GetEndpoint("chat", kFirst, "");
  registry.GetClusterState("chat");
  EXPECT_THAT(registry.Samples(), IsEmpty());
  registry.Prune();
  EXPECT_THAT(registry.Samples(), IsEmpty());
}

TEST(Registry, MayBeSampledWhileItChanges) {
  Registry registry(1);
  std::atomic<bool> done = false;
  std::thread scraper([&] {
    while (!done) registry.Samples();
  });
  for (int i = 0; i < 2000; ++i) {
    const Lease lease = *Lease::Take(registry.GetEndpoint("chat", kFirst, std::to_string(i)));
    registry.Prune();
  }
  done = true;
  scraper.join();
  registry.Prune();
  EXPECT_THAT(registry.Samples(), IsEmpty());
}

}  // namespace
}  // namespace fairlead::endpoint
