#include "pkg/upstream/dial.h"

#include <gtest/gtest.h>

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
    cluster_ = std::make_shared<const snapshot::Cluster>(config, std::vector<base::IpAddress>(), registry_);
    dial_ =
        std::make_unique<Dial>(loop_, random_, cluster_, std::nullopt, timeout, [this](Dial::Result result) {
          EXPECT_FALSE(result_) << "told twice";
          result_ = std::move(result);
          dial_.reset();
        });
    dial_->Start();
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

  testing::FakeClock clock_;
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

TEST_F(DialTest, DestroyedWhileItDialsItTellsNobody) {
  Start({open_->address()});
  dial_.reset();
  loop::RunIdle(loop_);
  EXPECT_FALSE(result_);
  EXPECT_EQ(Held(), 0u);
}

}  // namespace
}  // namespace fairlead::upstream
