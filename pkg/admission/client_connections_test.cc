#include "pkg/admission/client_connections.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::admission {
namespace {

using Place = ClientConnections::Place;

base::IpAddress Address(const std::string& text) {
  return *base::IpAddress::Parse(text);
}

// Places until there is none.
std::vector<Place> TakeAll(ClientConnections& connections, const base::IpAddress& client, int tries = 100) {
  std::vector<Place> places;
  for (int i = 0; i < tries; ++i) {
    if (auto place = connections.TryTake(client)) places.push_back(*std::move(place));
  }
  return places;
}

TEST(ClientConnections, EachClientHasItsOwn) {
  ClientConnections connections(1);
  EXPECT_EQ(TakeAll(connections, Address("192.0.2.1")).size(), 100u) << "unlimited";
  connections.SetLimit(3);
  std::vector<Place> first = TakeAll(connections, Address("192.0.2.1"));
  EXPECT_EQ(first.size(), 3u);
  EXPECT_EQ(TakeAll(connections, Address("192.0.2.2")).size(), 3u);
  first.pop_back();
  EXPECT_EQ(TakeAll(connections, Address("192.0.2.1")).size(), 1u);
  first.clear();
  EXPECT_EQ(TakeAll(connections, Address("192.0.2.1")).size(), 3u);
}

TEST(ClientConnections, CountAnIpv6NetworkAsOne) {
  ClientConnections connections(1);
  connections.SetLimit(2);
  const auto one = connections.TryTake(Address("2001:db8::1"));
  const auto two = connections.TryTake(Address("2001:db8::ffff:1"));
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(connections.TryTake(Address("2001:db8::2")));
  EXPECT_TRUE(connections.TryTake(Address("2001:db8:0:1::1")));
}

TEST(ClientConnections, ALowerLimitSendsNobodyAway) {
  ClientConnections connections(1);
  connections.SetLimit(10);
  std::vector<Place> places = TakeAll(connections, Address("192.0.2.1"));
  connections.SetLimit(4);
  while (places.size() > 4) places.pop_back();
  EXPECT_FALSE(connections.TryTake(Address("192.0.2.1")));
  places.pop_back();
  EXPECT_TRUE(connections.TryTake(Address("192.0.2.1")));
  connections.SetLimit(0);
  EXPECT_EQ(TakeAll(connections, Address("192.0.2.1")).size(), 100u);
}

TEST(ClientConnections, HoldManyClientsApart) {
  ClientConnections connections(7);
  connections.SetLimit(2);
  constexpr int kClients = 16384;
  std::vector<Place> places;
  int third = 0;
  for (int i = 0; i < kClients; ++i) {
    const base::IpAddress client = Address("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
    for (int connection = 0; connection < 2; ++connection) {
      auto place = connections.TryTake(client);
      ASSERT_TRUE(place) << "nobody pays for others: " << i;
      places.push_back(*std::move(place));
    }
    if (connections.TryTake(client)) ++third;
  }
  EXPECT_LE(third, 8) << "those who found no slot";
}

// Whatever threads do, what was taken is given back, and all slots are free at the end.
TEST(ClientConnections, LeakNoPlaceBetweenThreads) {
  ClientConnections connections(1);
  connections.SetLimit(5);
  std::atomic<int> open = 0, most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        const auto place = connections.TryTake(Address("192.0.2.1"));
        if (!place) continue;
        const int now = ++open;
        int before = most;
        while (now > before && !most.compare_exchange_weak(before, now)) {
        }
        --open;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 5);
  EXPECT_EQ(TakeAll(connections, Address("192.0.2.1")).size(), 5u);
}

}  // namespace
}  // namespace fairlead::admission
