#include "pkg/endpoint/ejections.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pkg/endpoint/endpoint.h"

namespace fairlead::endpoint {
namespace {

using std::chrono::seconds;

constexpr EjectionRules kRules{.first = seconds(30), .longest = seconds(100), .max_percent = 50};

class EjectionsTest : public ::testing::Test {
 protected:
  std::shared_ptr<Endpoint> Make(int number) {
    auto made = std::make_shared<Endpoint>(
        "chat", *base::SocketAddress::Parse("192.0.2." + std::to_string(number) + ":80"), "");
    known_.push_back(made);
    return made;
  }
  bool Eject(const std::shared_ptr<Endpoint>& endpoint, size_t members = 10) {
    const auto count = [&] {
      Census census{.members = members};
      for (const auto& known : known_) {
        if (const auto alive = known.lock()) census.ejected += Away(alive) ? 1 : 0;
      }
      return census;
    };
    return ejections_.Eject(endpoint, count, kRules, now_) == Ejections::Answer::kEjected;
  }
  void Pass(seconds time) {
    now_ += time;
    ejections_.Return(now_);
  }
  static bool Away(const std::shared_ptr<Endpoint>& endpoint) { return endpoint->condition().ejected; }

  Ejections ejections_;
  std::vector<std::weak_ptr<Endpoint>> known_;  // all of the cluster
  base::MonotonicTime now_{std::chrono::hours(1)};
};

TEST_F(EjectionsTest, KeepsAnEndpointAwayForItsTime) {
  const auto endpoint = Make(1);
  EXPECT_TRUE(ejections_.empty());
  EXPECT_TRUE(Eject(endpoint));
  EXPECT_TRUE(Away(endpoint));
  EXPECT_FALSE(ejections_.empty());
  Pass(seconds(29));
  EXPECT_TRUE(Away(endpoint));
  Pass(seconds(1));
  EXPECT_FALSE(Away(endpoint));
  EXPECT_TRUE(ejections_.empty());
  EXPECT_EQ(endpoint->ejections(), 1u);
}

TEST_F(EjectionsTest, WhatIsAwayIsNotEjectedAgain) {
  const auto endpoint = Make(1);
  EXPECT_TRUE(Eject(endpoint));
  Pass(seconds(20));
  EXPECT_FALSE(Eject(endpoint));
  Pass(seconds(10));
  EXPECT_FALSE(Away(endpoint)) << "late failures do not make it longer";
}

TEST_F(EjectionsTest, LastsLongerEachTimeUpToTheLongest) {
  const auto endpoint = Make(1);
  for (const seconds expected : {seconds(30), seconds(60), seconds(90), seconds(100), seconds(100)}) {
    ASSERT_TRUE(Eject(endpoint));
    Pass(expected - seconds(1));
    EXPECT_TRUE(Away(endpoint)) << expected.count();
    Pass(seconds(1));
    EXPECT_FALSE(Away(endpoint)) << expected.count();
  }
}

TEST_F(EjectionsTest, ServiceIsForgivenessStepByStep) {
  const auto endpoint = Make(1);
  for (const seconds time : {seconds(30), seconds(60), seconds(90)}) {
    ASSERT_TRUE(Eject(endpoint));
    Pass(time);
  }
  Pass(seconds(60));  // takes two of the three back
  ASSERT_TRUE(Eject(endpoint));
  Pass(seconds(59));
  EXPECT_TRUE(Away(endpoint));
  Pass(seconds(1));
  EXPECT_FALSE(Away(endpoint));
  Pass(seconds(600));
  ASSERT_TRUE(Eject(endpoint));
  Pass(seconds(30));
  EXPECT_FALSE(Away(endpoint)) << "all is forgiven";
}

TEST_F(EjectionsTest, NeverTakesMoreThanItsShareOfTheCluster) {
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  for (int i = 0; i < 5; ++i) endpoints.push_back(Make(i));
  int away = 0;
  for (const auto& endpoint : endpoints) away += Eject(endpoint, endpoints.size()) ? 1 : 0;
  EXPECT_EQ(away, 2) << "half of five, rounded down";
  Pass(seconds(30));
  EXPECT_TRUE(Eject(endpoints[4], endpoints.size())) << "its turn when others have returned";
  EXPECT_FALSE(Eject(Make(9), 1)) << "of one endpoint, none";
}

TEST_F(EjectionsTest, NeverTakesMoreThanItsShareFromManyThreads) {
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  for (int i = 0; i < 100; ++i) endpoints.push_back(Make(i));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (const auto& endpoint : endpoints) Eject(endpoint, endpoints.size());
    });
  }
  for (std::thread& thread : threads) thread.join();
  int away = 0;
  for (const auto& endpoint : endpoints) away += Away(endpoint) ? 1 : 0;
  EXPECT_EQ(away, 50);
}

TEST_F(EjectionsTest, AnEndpointThatIsGoneMakesRoom) {
  auto gone = Make(1);
  const auto stays = Make(2);
  EXPECT_TRUE(Eject(gone, 2));
  EXPECT_FALSE(Eject(stays, 2));
  gone.reset();
  EXPECT_TRUE(Eject(stays, 2));
}

TEST_F(EjectionsTest, SaysWhyNot) {
  const auto one = Make(1), other = Make(2);
  const auto none_away = [] { return Census{.members = 2}; };
  const auto one_away = [] { return Census{.members = 2, .ejected = 1}; };
  EXPECT_EQ(ejections_.Eject(one, none_away, kRules, now_), Ejections::Answer::kEjected);
  EXPECT_EQ(ejections_.Eject(one, one_away, kRules, now_), Ejections::Answer::kAwayAlready);
  EXPECT_EQ(ejections_.Eject(other, one_away, kRules, now_), Ejections::Answer::kTooManyAway);
}

TEST_F(EjectionsTest, ReturnAllForgets) {
  const auto endpoint = Make(1);
  EXPECT_TRUE(Eject(endpoint));
  endpoint->SetFailures(4);
  ejections_.ReturnAll();
  EXPECT_EQ(endpoint->failures_in_a_row(), 0u);
  EXPECT_FALSE(Away(endpoint));
  EXPECT_TRUE(ejections_.empty());
  EXPECT_TRUE(Eject(endpoint));
  Pass(seconds(30));
  EXPECT_FALSE(Away(endpoint));
}

}  // namespace
}  // namespace fairlead::endpoint
