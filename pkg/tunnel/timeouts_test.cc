#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/tunnel/tunnel_test.h"

namespace fairlead::tunnel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TunnelTimeoutsTest : public TunnelTest {
 protected:
  static constexpr base::Duration kTick = base::DeadlineWheel::kTick;

  // Time that passes as it does on a loop: tick by tick.
  void Pass(base::Duration time) {
    for (; time >= kTick; time -= kTick) Advance(kTick);
    Advance(time);
  }
};

TEST_F(TunnelTimeoutsTest, ASilentTunnelIsIdleAfterExactlyThatLong) {
  Open({.idle = seconds(5)});
  Pass(milliseconds(4999));
  EXPECT_THAT(told_, IsEmpty());
  Pass(kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kIdleTimeout));
  EXPECT_EQ(CountedClosed(CloseReason::kIdleTimeout), 1u);
  EXPECT_FALSE(client_.closed_by_reset());
  EXPECT_FALSE(backend_.closed_by_reset());
}

TEST_F(TunnelTimeoutsTest, ActivityInEitherDirectionKeepsBothAlive) {
  Open({.idle = seconds(5)});
  Pass(seconds(4));
  client_.Send("x");
  Pass(seconds(4));
  backend_.Send("y");
  Pass(milliseconds(4999));
  EXPECT_THAT(told_, IsEmpty());
  Pass(kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kIdleTimeout));
}

TEST_F(TunnelTimeoutsTest, AHalfClosedTunnelHasAShorterLimit) {
  Open({.idle = minutes(5), .half_closed = seconds(3)});
  client_.End();
  Pass(milliseconds(2999));
  backend_.Send("still here");
  Pass(milliseconds(2999));
  EXPECT_THAT(told_, IsEmpty());
  Pass(kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kHalfClosedTimeout));
}

TEST_F(TunnelTimeoutsTest, AHalfClosedTunnelKeepsItsIdleLimitWhereThatIsShorter) {
  Open({.idle = seconds(2), .half_closed = minutes(1)});
  client_.End();
  Pass(seconds(2) + kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kIdleTimeout));
}

TEST_F(TunnelTimeoutsTest, WithoutALimitOfItsOwnAHalfClosedTunnelIsIdle) {
  Open({.idle = seconds(2)});
  backend_.End();
  Pass(seconds(2) + kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kIdleTimeout));
}

TEST_F(TunnelTimeoutsTest, AHalfClosedTunnelEndsThoughIdleIsOff) {
  Open({.half_closed = seconds(3)});
  Pass(hours(1));
  backend_.End();
  Pass(seconds(3) + kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kHalfClosedTimeout));
}

TEST_F(TunnelTimeoutsTest, APeerThatTakesNothingIsCutThoughTheOtherDirectionIsBusy) {
  Open({.idle = minutes(5), .write = seconds(8)});
  client_.SetRoom(0);
  backend_.Send("nobody takes this");
  for (int second = 0; second < 7; ++second) {
    Pass(seconds(1));
    client_.Send("busy");
  }
  EXPECT_THAT(told_, IsEmpty());
  Pass(seconds(2));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kWriteTimeout));
}

TEST_F(TunnelTimeoutsTest, AStuckBackendIsCutToo) {
  Open({.write = seconds(8)});
  backend_.SetRoom(0);
  client_.Send("nobody takes this");
  Pass(seconds(9) + kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kWriteTimeout));
}

TEST_F(TunnelTimeoutsTest, ASlowReaderLives) {
  Open({.idle = seconds(10), .write = seconds(8)});
  client_.SetRoom(0);
  backend_.Send(std::string(100, 'x'));
  for (int byte = 0; byte < 50; ++byte) {
    Pass(seconds(6));
    client_.Take(1);
  }
  EXPECT_THAT(told_, IsEmpty()) << "a byte every six seconds is progress";
  Pass(seconds(10));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kWriteTimeout));
}

TEST_F(TunnelTimeoutsTest, OnceEverythingIsTakenNothingIsStuck) {
  Open({.write = seconds(8)});
  client_.SetRoom(0);
  backend_.Send("x");
  Pass(seconds(7));
  client_.TakeAll();
  Pass(hours(1));
  EXPECT_THAT(told_, IsEmpty());

  client_.SetRoom(0);
  backend_.Send("y");
  Pass(seconds(7));
  EXPECT_THAT(told_, IsEmpty()) << "what waits now has not waited all the while";
  Pass(seconds(2));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kWriteTimeout));
}

TEST_F(TunnelTimeoutsTest, TheHandshakesLastBytesAreWatchedToo) {
  client_.SetRoom(0);
  Open({.write = seconds(8)}, {.from_backend = "behind the 101"});
  Pass(seconds(9) + kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kWriteTimeout));
}

TEST_F(TunnelTimeoutsTest, ALifetimeEndsABusyTunnel) {
  Open({.idle = seconds(5), .max_lifetime = minutes(1)});
  for (int second = 0; second < 59; ++second) {
    Pass(seconds(1));
    client_.Send("busy");
  }
  Pass(milliseconds(999));
  EXPECT_THAT(told_, IsEmpty());
  Pass(kTick);
  EXPECT_THAT(told_, ElementsAre(CloseReason::kMaxLifetime));
}

TEST_F(TunnelTimeoutsTest, ZeroSwitchesEverythingOff) {
  Open();
  client_.SetRoom(0);
  backend_.Send("stuck");
  client_.End();
  for (int day = 0; day < 30; ++day) Advance(hours(24));
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_EQ(client_.peer_timeout(), base::Duration(0)) << "nor does the kernel give up";
  EXPECT_EQ(backend_.peer_timeout(), base::Duration(0));
}

TEST_F(TunnelTimeoutsTest, TheKernelWaitsAsLongAsTheRouteAllows) {
  Open({.write = minutes(10)});
  EXPECT_EQ(client_.peer_timeout(), minutes(10));
  EXPECT_EQ(backend_.peer_timeout(), minutes(10));
}

TEST_F(TunnelTimeoutsTest, TheKernelsOwnPatienceStaysWhereItIsLongEnough) {
  Open({.write = minutes(1)});
  EXPECT_EQ(client_.peer_timeout(), std::nullopt);
}

TEST_F(TunnelTimeoutsTest, AClosedTunnelHasNoDeadlineLeft) {
  Open({.idle = seconds(5), .half_closed = seconds(5), .write = seconds(5), .max_lifetime = seconds(5)});
  client_.Break(stream::Failure::kReset);
  Pass(minutes(1));
  EXPECT_THAT(told_, ElementsAre(CloseReason::kClientReset));
  EXPECT_EQ(wheel_.NextDue(), std::nullopt);
}

}  // namespace
}  // namespace fairlead::tunnel
