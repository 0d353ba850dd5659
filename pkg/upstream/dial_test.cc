#include "pkg/upstream/dial.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/endpoint/registry.h"
#include "pkg/loop/listen_socket.h"
#include "pkg/loop/test_turns.h"
#include "tests/support/dead_ports.h"
#include "tests/support/fake_clock.h"

namespace fairlead::upstream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ClosedPort;
using testing::SilentPort;

class DialTest : public ::testing::Test {
 protected:
  // Begins; what comes of it is in `result_`.
  void Start(const std::vector<base::SocketAddress>& addresses, base::Duration timeout = seconds(5)) {
    config::Cluster config;
    config.name = "chat";
    for (const base::SocketAddress& address : addresses) {
      config.endpoints.emplace_back();
      config.endpoints.back().address = address;
    }
    config.resilience = resilience_;
    cluster_ = std::make_shared<const snapshot::Cluster>(config, std::vector<base::IpAddress>(), registry_);
    cluster_->Enforce();
    dial_ = std::make_unique<Dial>(loop_, workspace_, random_, cluster_, std::nullopt, timeout);
    dial_->Start(Tell());
  }
  Dial::Done Tell() {
    return [this](Dial::Result result) {
      EXPECT_FALSE(result_) << "told twice";
      result_ = std::move(result);
    };
  }
  void AwaitResult() {
    loop::RunUntil(loop_, [this] { return result_.has_value(); });
  }
  std::optional<DialFailure> failure() const {
    if (!result_ || !std::holds_alternative<DialFailure>(*result_)) return std::nullopt;
    return std::get<DialFailure>(*result_);
  }
  const Connection* connection() const { return result_ ? std::get_if<Connection>(&*result_) : nullptr; }
  uint64_t Held() const {
    uint64_t held = 0;
    for (const auto& endpoint : cluster_->endpoints()) held += endpoint->active();
    return held;
  }
  uint64_t Failures() const {
    uint64_t failures = 0;
    for (const auto& endpoint : cluster_->endpoints()) failures += endpoint->connect_failures();
    return failures;
  }

  // The address of whoever has connected to `open_`, without its port.
  std::string AcceptFrom() {
    sockaddr_storage native{};
    socklen_t length = sizeof(native);
    const int fd = ::accept4(open_->fds()[0], reinterpret_cast<sockaddr*>(&native), &length, SOCK_CLOEXEC);
    if (fd < 0) return "nobody";
    ::close(fd);
    return base::SocketAddress::FromNative(native, length).ip_port()->ip.ToString();
  }

  config::Resilience resilience_;
  testing::FakeClock clock_;
  tls::Workspace workspace_{[this](absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); },
                            [this]() -> base::DeadlineWheel& { return loop_.deadlines(); }};
  loop::Loop loop_{&clock_};
  base::Random random_{1};
  endpoint::Registry registry_{1};
  std::shared_ptr<const loop::ListenSockets> open_ =
      *loop::ListenSockets::Bind(*base::SocketAddress::Parse("127.0.0.1:0"), 1);
  std::shared_ptr<const snapshot::Cluster> cluster_;
  std::unique_ptr<Dial> dial_;
  std::optional<Dial::Result> result_;
};

TEST_F(DialTest, GivesAConnectionAndThePlaceThatItHolds) {
  Start({open_->address()});
  EXPECT_EQ(Held(), 1u) << "taken before the connect, so that others see it";
  AwaitResult();
  ASSERT_NE(connection(), nullptr);
  EXPECT_EQ(connection()->lease.endpoint().address(), open_->address());
  EXPECT_EQ(Held(), 1u);
  result_.reset();
  EXPECT_EQ(Held(), 0u);
}

TEST_F(DialTest, TriesOneOtherEndpoint) {
  const ClosedPort closed;
  // They take turns, so that one of the two begins with the closed port.
  for (int i = 0; i < 2; ++i) {
    Start({closed.address(), open_->address()});
    AwaitResult();
    ASSERT_NE(connection(), nullptr);
    EXPECT_EQ(connection()->lease.endpoint().address(), open_->address());
    EXPECT_EQ(Held(), 1u) << "the place where it failed is given back";
    result_.reset();
  }
  EXPECT_GE(Failures(), 1u);
}

TEST_F(DialTest, GivesUpAfterTwoThatRefuse) {
  const ClosedPort one, two, three;
  Start({one.address(), two.address(), three.address()});
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectFailed);
  EXPECT_EQ(Failures(), 2u);
  EXPECT_EQ(Held(), 0u);
}

TEST_F(DialTest, ASingleEndpointIsTriedOnce) {
  const ClosedPort closed;
  Start({closed.address()});
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectFailed);
  EXPECT_EQ(Failures(), 1u);
}

TEST_F(DialTest, MayBeDestroyedInsideItsCallback) {
  const ClosedPort closed;
  Start({closed.address()});
  dial_ = std::make_unique<Dial>(loop_, workspace_, random_, cluster_, std::nullopt, seconds(5));
  dial_->Start([this](Dial::Result result) {
    dial_.reset();
    result_ = std::move(result);
  });
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectFailed);
}

TEST_F(DialTest, WithoutAnEndpointItSaysSoAtOnce) {
  Start({});
  EXPECT_EQ(failure(), DialFailure::kNoEndpoint);
}

TEST_F(DialTest, AMissingUnixSocketIsAFailedConnect) {
  Start({base::SocketAddress(base::UnixPath{"/nonexistent/backend.sock"})});
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectFailed);
}

TEST_F(DialTest, EachAttemptHasItsTime) {
  const SilentPort one, two;
  Start({one.address(), two.address()}, seconds(5));
  clock_.Advance(milliseconds(4900));
  loop::RunIdle(loop_);
  EXPECT_EQ(Failures(), 0u);
  clock_.Advance(milliseconds(200));
  loop::RunIdle(loop_);
  EXPECT_EQ(Failures(), 1u);
  EXPECT_FALSE(result_);
  clock_.Advance(milliseconds(5200));
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectTimeout);
  EXPECT_EQ(Held(), 0u);
}

TEST_F(DialTest, AnEndpointThatAnswersHelpsAfterOneThatDoesNot) {
  const SilentPort silent;
  for (int i = 0; i < 2; ++i) {
    Start({silent.address(), open_->address()}, seconds(1));
    loop::RunIdle(loop_);
    clock_.Advance(seconds(2));
    AwaitResult();
    EXPECT_NE(connection(), nullptr);
    result_.reset();
  }
  EXPECT_GE(Failures(), 1u);
}

TEST_F(DialTest, WithoutATimeoutItWaits) {
  const SilentPort silent;
  Start({silent.address()}, base::Duration(0));
  clock_.Advance(std::chrono::hours(24));
  loop::RunIdle(loop_);
  EXPECT_FALSE(result_);
}

TEST_F(DialTest, TriesAsManyAsItMay) {
  const ClosedPort one, two;
  resilience_.retries.attempts = 3;
  Start({one.address(), two.address(), open_->address()});
  AwaitResult();
  ASSERT_NE(connection(), nullptr);
  EXPECT_EQ(dial_->retries(), Failures());
}

TEST_F(DialTest, WithoutConnectFailureAmongItsConditionsItTriesOnce) {
  const ClosedPort one, two;
  resilience_.retries.on_connect_failure = false;
  Start({one.address(), two.address()});
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectFailed);
  EXPECT_EQ(Failures(), 1u);
}

TEST_F(DialTest, WithoutABudgetItTriesOnceAndSaysSo) {
  const ClosedPort one, two;
  resilience_.retries.min_per_second = 0;
  resilience_.retries.budget_percent = 0;
  Start({one.address(), two.address()});
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectFailed);
  EXPECT_EQ(Failures(), 1u);
  EXPECT_EQ(dial_->over_budget(), 1u);
  EXPECT_EQ(Held(), 0u);
  const uint64_t turns = cluster_->state()->turn;
  result_.reset();
  Start({one.address(), two.address()});
  AwaitResult();
  EXPECT_EQ(cluster_->state()->turn, turns + 1) << "no turn is taken for what is not tried";
}

TEST_F(DialTest, WhatIsUnreachableSpeaksAgainstTheEndpoint) {
  resilience_.outlier.emplace();
  Start({*base::SocketAddress::Parse("255.255.255.255:80")});  // no TCP there, says the kernel at once
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kConnectFailed);
  EXPECT_EQ(cluster_->endpoints()[0]->failures_in_a_row(), 1u);
}

TEST_F(DialTest, OurOwnShortageSpeaksAgainstNobody) {
  resilience_.outlier.emplace();
  // One that works ahead: nothing but descriptors is missing below, neither here nor to a sanitizer, which
  // needs some at the first call of each kind.
  Start({open_->address()});
  AwaitResult();
  result_.reset();
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  Start({open_->address(), open_->address()});
  ::setrlimit(RLIMIT_NOFILE, &limit);
  AwaitResult();
  EXPECT_EQ(failure(), DialFailure::kExhausted);
  for (const auto& endpoint : cluster_->endpoints()) EXPECT_EQ(endpoint->failures_in_a_row(), 0u);
  EXPECT_EQ(Failures(), 0u);
  EXPECT_EQ(dial_->retries() + dial_->over_budget(), 0u) << "another endpoint would not help";
  EXPECT_EQ(Held(), 0u);
}

TEST_F(DialTest, AFailureThatIsQuickCountsAsOneThatIsNot) {
  const ClosedPort one, two;
  resilience_.retries.min_per_second = 1;
  resilience_.retries.budget_percent = 0;
  int made = 0;
  for (int i = 0; i < 15; ++i) {
    Start({one.address(), two.address()});
    AwaitResult();
    made += static_cast<int>(dial_->retries());
    result_.reset();
    dial_.reset();
  }
  EXPECT_EQ(made, 10) << "of ten seconds, though none is under way";
}

TEST_F(DialTest, ARequestThatFailedMayBeGivenToAnother) {
  const std::shared_ptr<const loop::ListenSockets> other =
      *loop::ListenSockets::Bind(*base::SocketAddress::Parse("127.0.0.1:0"), 1);
  Start({open_->address(), other->address()});
  AwaitResult();
  ASSERT_NE(connection(), nullptr);
  const base::SocketAddress first = connection()->lease.endpoint().address();
  ASSERT_TRUE(dial_->PickAnother(connection()->lease));
  result_.reset();
  dial_->Start(Tell());
  AwaitResult();
  ASSERT_NE(connection(), nullptr);
  EXPECT_NE(connection()->lease.endpoint().address(), first);
  EXPECT_FALSE(dial_->PickAnother(connection()->lease)) << "two attempts in all";
  EXPECT_EQ(Held(), 1u);
}

TEST_F(DialTest, WhereAllIsFullItSaysSo) {
  resilience_.limits.max_connections_per_endpoint = 1;
  Start({open_->address()});
  AwaitResult();
  const std::optional<Dial::Result> held = std::move(result_);
  result_.reset();
  dial_ = std::make_unique<Dial>(loop_, workspace_, random_, cluster_, std::nullopt, seconds(5));
  dial_->Start(Tell());
  EXPECT_EQ(failure(), DialFailure::kFull);
  EXPECT_EQ(Held(), 1u);
}

TEST_F(DialTest, NoMoreConnectsArePendingThanMayBe) {
  const SilentPort silent;
  resilience_.limits.max_pending_connects_per_endpoint = 1;
  Start({silent.address()});
  Dial second(loop_, workspace_, random_, cluster_, std::nullopt, seconds(5));
  std::optional<Dial::Result> refused;
  second.Start([&](Dial::Result result) { refused = std::move(result); });
  ASSERT_TRUE(refused);
  EXPECT_EQ(std::get<DialFailure>(*refused), DialFailure::kFull);
  dial_.reset();
  refused.reset();
  second.Start([&](Dial::Result result) { refused = std::move(result); });
  EXPECT_FALSE(refused) << "it connects";
}

TEST_F(DialTest, EnoughFailuresInARowEjectWhoeverFails) {
  const ClosedPort closed;
  resilience_.outlier.emplace().consecutive_failures = 3;
  resilience_.retries.attempts = 1;
  for (int i = 0; i < 20 && (!cluster_ || Failures() < 3); ++i) {
    EXPECT_FALSE(cluster_ && cluster_->endpoints()[0]->condition().ejected);
    result_.reset();
    Start({closed.address(), open_->address()});
    AwaitResult();
  }
  EXPECT_TRUE(cluster_->endpoints()[0]->condition().ejected);
  EXPECT_FALSE(cluster_->endpoints()[1]->condition().ejected);
  for (int i = 0; i < 5; ++i) {
    result_.reset();
    Start({closed.address(), open_->address()});
    AwaitResult();
    EXPECT_NE(connection(), nullptr) << "nobody goes there any more";
  }
}

TEST_F(DialTest, TakesItsSourceAddressesInTurn) {
  for (const char* source : {"127.0.0.2", "2001:db8::1", "127.0.0.3"}) {
    resilience_.source_addresses.push_back(*base::IpAddress::Parse(source));
  }
  const base::SocketAddress v6 = *base::SocketAddress::Parse("[::1]:1");
  std::map<std::string, int> seen;
  for (int i = 0; i < 8; ++i) {
    result_.reset();
    Start({open_->address()});
    AwaitResult();
    ASSERT_NE(connection(), nullptr);
    ++seen[AcceptFrom()];
    // Backends of the other family have turns of their own.
    result_.reset();
    Start({v6});
    AwaitResult();
  }
  EXPECT_EQ(seen, (std::map<std::string, int>{{"127.0.0.2", 4}, {"127.0.0.3", 4}}));
}

TEST_F(DialTest, ASourceAddressThatIsNotOursIsPassedOver) {
  resilience_.source_addresses = {*base::IpAddress::Parse("192.0.2.77"),
                                  *base::IpAddress::Parse("127.0.0.9")};
  for (int i = 0; i < 3; ++i) {
    result_.reset();
    Start({open_->address()});
    AwaitResult();
    ASSERT_NE(connection(), nullptr);
    EXPECT_EQ(AcceptFrom(), "127.0.0.9");
  }
}

TEST_F(DialTest, DestroyedWhileItDialsItTellsNobody) {
  Start({open_->address()});
  dial_.reset();
  loop::RunIdle(loop_);
  EXPECT_FALSE(result_);
  EXPECT_EQ(Held(), 0u);
}

}  // namespace
}  // namespace fairlead::upstream
