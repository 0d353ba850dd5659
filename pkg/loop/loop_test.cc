#include "pkg/loop/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_turns.h"
#include "tests/support/fake_clock.h"

namespace fairlead::loop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

class Alarm : public base::DeadlineWheel::Entry {
 public:
  explicit Alarm(std::function<void()> action) : action_(std::move(action)) {}

 private:
  void OnDeadline(base::MonotonicTime) override { action_(); }
  std::function<void()> action_;
};

// Does something when it dies.
class Mortal {
 public:
  explicit Mortal(std::function<void()> last_words) : last_words_(std::move(last_words)) {}
  ~Mortal() { last_words_(); }

 private:
  std::function<void()> last_words_;
};

TEST(Loop, RunsWhatIsPostedInOrder) {
  Loop loop;
  std::vector<int> ran;
  for (int i = 0; i < 3; ++i) loop.Post([&ran, i] { ran.push_back(i); });
  EXPECT_THAT(ran, ElementsAre());
  Turn(loop);
  EXPECT_THAT(ran, ElementsAre(0, 1, 2));
}

TEST(Loop, WhatATaskPostsRunsInALaterTurn) {
  Loop loop;
  std::vector<int> ran;
  loop.Post([&] {
    loop.Post([&] { ran.push_back(2); });
    ran.push_back(1);
  });
  loop.Post([&] { loop.Stop(); });
  loop.Run();
  EXPECT_THAT(ran, ElementsAre(1));
  Turn(loop);
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST(Loop, LosesNothingThatOtherThreadsPost) {
  constexpr int kThreads = 4, kEach = 5000;
  Loop loop;
  std::vector<int> next(kThreads, 0);  // touched by the loop's thread alone
  int ran = 0, out_of_order = 0;
  std::vector<std::thread> posters;
  posters.reserve(kThreads);
  for (int poster = 0; poster < kThreads; ++poster) {
    posters.emplace_back([&, poster] {
      for (int i = 0; i < kEach; ++i) {
        loop.Post([&, poster, i] {
          if (next[poster]++ != i) ++out_of_order;
          if (++ran == kThreads * kEach) loop.Stop();
        });
      }
    });
  }
  loop.Run();
  for (std::thread& poster : posters) poster.join();
  EXPECT_EQ(ran, kThreads * kEach);
  EXPECT_EQ(out_of_order, 0);
}

TEST(Loop, AnotherThreadWakesALoopThatWaits) {
  Loop loop;
  bool waiting = false;
  loop.Post([&] { waiting = true; });
  RunUntil(loop, [&] { return waiting; });
  std::thread other([&] { loop.Post([&] { loop.Stop(); }); });
  loop.Run();
  other.join();
}

TEST(Loop, DropsWhatIsStillQueuedAtItsEnd) {
  bool ran = false, dropped = false;
  {
    Loop loop;
    loop.Post([&ran, guard = std::make_unique<Mortal>([&] { dropped = true; })] { ran = true; });
  }
  EXPECT_FALSE(ran);
  EXPECT_TRUE(dropped);
}

TEST(Loop, ATaskThatIsDroppedMayOwnAStream) {
  Loop loop;
  auto [stream, peer] = Peer::Connected(loop, Peer::Transport::kTcp);
  loop.Post([stream = std::move(stream)] {});
}

TEST(Loop, RunsAgainAfterStop) {
  Loop loop;
  int turns = 0;
  for (int i = 0; i < 3; ++i) {
    loop.Post([&] {
      ++turns;
      loop.Stop();
    });
    loop.Run();
  }
  EXPECT_EQ(turns, 3);
}

TEST(Loop, EndsCleanlyAfterAStopThatNobodyRanInto) {
  Loop loop;
  auto [stream, peer] = Peer::Connected(loop, Peer::Transport::kTcp);
  stream.reset();
  loop.Stop();
}

TEST(Loop, DeadlinesFollowTheGivenClock) {
  testing::FakeClock clock;
  Loop loop(&clock);
  EXPECT_EQ(loop.Now(), clock.Now());
  EXPECT_EQ(loop.WallNow(), clock.WallNow());
  int fired = 0;
  Alarm alarm([&] { ++fired; });
  loop.deadlines().Arm(alarm, loop.Now() + seconds(30));
  clock.Advance(seconds(29));
  RunIdle(loop);
  EXPECT_EQ(fired, 0);
  clock.Advance(seconds(1) + base::DeadlineWheel::kTick);
  Turn(loop);
  EXPECT_EQ(fired, 1);
}

TEST(Loop, WakesByItselfForADeadlineAndNeverBeforeIt) {
  Loop loop;
  Alarm alarm([&] { loop.Stop(); });
  Turn(loop);
  const base::MonotonicTime deadline = loop.Now() + milliseconds(30);
  loop.deadlines().Arm(alarm, deadline);
  loop.Run();
  EXPECT_GE(loop.Now(), deadline);
  EXPECT_GE(loop.lag(), base::Duration(0));
}

TEST(Loop, ADeadlineArmedInACallbackFires) {
  Loop loop;
  Alarm second([&] { loop.Stop(); });
  Alarm first([&] { loop.deadlines().Arm(second, loop.Now() + milliseconds(1)); });
  loop.deadlines().Arm(first, loop.Now() + milliseconds(1));
  loop.Run();
}

TEST(Loop, TellsTheSteadyClocksTime) {
  Loop loop;
  const base::MonotonicTime before = std::chrono::steady_clock::now() - milliseconds(20);
  Turn(loop);
  EXPECT_GE(loop.Now(), before);
  EXPECT_LE(loop.Now(), std::chrono::steady_clock::now());
}

TEST(Loop, TheBuriedDieBeforeTheLoopWaitsAgain) {
  Loop loop;
  std::vector<std::string> order;
  loop.Post([&] {
    loop.Bury(std::make_unique<Mortal>([&] { order.push_back("dead"); }));
    order.push_back("buried");
  });
  Turn(loop);
  EXPECT_THAT(order, ElementsAre("buried"));
  Turn(loop);
  EXPECT_THAT(order, ElementsAre("buried", "dead"));
}

TEST(Loop, TheDeadMayBuryOthers) {
  Loop loop;
  int dead = 0;
  loop.Bury(std::make_unique<Mortal>([&] {
    ++dead;
    loop.Bury(std::make_unique<Mortal>([&] { ++dead; }));
  }));
  Turn(loop);
  EXPECT_EQ(dead, 2);
}

TEST(Loop, ItsEndEmptiesTheGrave) {
  int dead = 0;
  {
    Loop loop;
    for (int i = 0; i < 3; ++i) {
      loop.Bury(std::make_unique<Mortal>([&] {
        ++dead;
        loop.Bury(std::make_unique<Mortal>([&] { ++dead; }));
      }));
    }
  }
  EXPECT_EQ(dead, 6);
}

void DestroyBeforeAStream() {
  auto loop = std::make_unique<Loop>();
  const auto pair = Peer::Connected(*loop, Peer::Transport::kTcp);
  pair.first->Start();
  loop.reset();
}

TEST(LoopDeathTest, DiesWhenAStreamOutlivesIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(DestroyBeforeAStream(), "outlives");
}

}  // namespace
}  // namespace fairlead::loop
