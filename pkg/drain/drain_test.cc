#include "pkg/drain/drain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace fairlead::drain {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

constexpr base::MonotonicTime kBegin{std::chrono::hours(1)};

// Tunnels of three endpoints in turn; the older, the smaller its id.
std::vector<Member> Members(size_t count) {
  static const std::array<endpoint::Endpoint, 3> endpoints = {endpoint::Endpoint("chat", {}, "a"),
                                                              endpoint::Endpoint("chat", {}, "b"),
                                                              endpoint::Endpoint("chat", {}, "c")};
  std::vector<Member> members;
  for (size_t i = 1; i <= count; ++i) {
    members.push_back({.id = i, .began = base::MonotonicTime(seconds(i)), .at = &endpoints[i % 3]});
  }
  return members;
}

class DrainTest : public testing::Test {
 protected:
  Drain Make(const Pace& pace, size_t count = 100) { return {pace, Members(count), random_, kBegin}; }
  // The ids that are due then.
  static std::vector<uint64_t> Due(Drain& drain, base::Duration after) {
    std::vector<uint64_t> ids;
    for (const Member& member : drain.TakeDue(kBegin + after)) ids.push_back(member.id);
    return ids;
  }
  static absl::flat_hash_set<uint64_t> Ids(const std::vector<Member>& members) {
    absl::flat_hash_set<uint64_t> ids;
    for (const Member& member : members) ids.insert(member.id);
    return ids;
  }

  base::Random random_{1};
};

TEST_F(DrainTest, TellsSoManyASecond) {
  Drain drain = Make({.rate = 10});
  EXPECT_THAT(Due(drain, milliseconds(0)), SizeIs(1));
  EXPECT_THAT(Due(drain, milliseconds(99)), IsEmpty());
  EXPECT_THAT(Due(drain, milliseconds(100)), SizeIs(1));
  EXPECT_THAT(Due(drain, seconds(1)), SizeIs(9));
  EXPECT_THAT(Due(drain, seconds(60)), SizeIs(89));
  EXPECT_EQ(drain.progress().told, 100u);
}

TEST_F(DrainTest, TellsEachOnce) {
  Drain drain = Make({.rate = 33, .jitter_percent = 100});
  std::set<uint64_t> told;
  for (milliseconds at{0}; at < seconds(5); at += milliseconds(50)) {
    for (const uint64_t id : Due(drain, at)) EXPECT_TRUE(told.insert(id).second);
  }
  EXPECT_THAT(told, SizeIs(100));
}

TEST_F(DrainTest, TellsASharedASecondOfWhatThereIs) {
  Drain drain = Make({.share = 0.05}, 200);
  EXPECT_THAT(Due(drain, milliseconds(999)), SizeIs(10));
  Drain slower = Make({.rate = 5, .share = 0.05}, 200);
  EXPECT_THAT(Due(slower, milliseconds(999)), SizeIs(5));
}

TEST_F(DrainTest, TheLowestRateTellsNobodyEarly) {
  for (const double rate : {1e-9, 1e-18, 1e-300}) {
    Drain drain = Make({.rate = rate});
    EXPECT_THAT(Due(drain, std::chrono::hours(24)), SizeIs(1)) << rate;
  }
}

TEST_F(DrainTest, OneThatIsCancelledLooksAfterThoseWhoWereTold) {
  Drain drain = Make({.rate = 10});
  Due(drain, milliseconds(900));
  drain.Cancel();
  EXPECT_THAT(drain.Waiting(), SizeIs(10));
  absl::flat_hash_set<uint64_t> open = Ids(Members(100));
  open.erase(drain.Waiting()[0].id);
  drain.Retain(open);
  EXPECT_EQ(drain.progress(), (Progress{.state = State::kCancelled, .total = 100, .told = 10, .gone = 1}));
  drain.Retain({});
  EXPECT_EQ(drain.progress(), (Progress{.state = State::kCancelled, .total = 100, .told = 10, .gone = 10}));
}

TEST_F(DrainTest, WithoutAPaceTellsAllAtOnce) {
  Drain drain = Make({});
  EXPECT_THAT(Due(drain, milliseconds(0)), SizeIs(100));
}

TEST_F(DrainTest, TheDeadlineBeatsTheRate) {
  Drain drain = Make({.rate = 1, .deadline = seconds(10), .notice = seconds(5)});
  EXPECT_THAT(Due(drain, milliseconds(4999)), SizeIs(100)) << "20 a second, and so 5 s to go in peace";
  EXPECT_FALSE(drain.Overdue(kBegin + milliseconds(9999)));
  EXPECT_TRUE(drain.Overdue(kBegin + seconds(10)));
  EXPECT_THAT(drain.Waiting(), SizeIs(100)) << "nobody has gone";
  drain.Retain({});
  EXPECT_FALSE(drain.Overdue(kBegin + seconds(10)));
}

TEST_F(DrainTest, JitterKeepsToTheRate) {
  Drain drain = Make({.rate = 100, .jitter_percent = 100}, 1000);
  size_t before = 0;
  for (int second = 1; second <= 9; ++second) {
    const size_t now = before + Due(drain, seconds(second)).size();
    EXPECT_NEAR(static_cast<double>(now), second * 100, 2);
    before = now;
  }
}

TEST_F(DrainTest, KeepsToItsOrder) {
  Drain oldest = Make({.order = Order::kOldest}), newest = Make({.order = Order::kNewest});
  const std::vector<uint64_t> up = Due(oldest, seconds(0)), down = Due(newest, seconds(0));
  EXPECT_TRUE(std::is_sorted(up.begin(), up.end()));
  EXPECT_TRUE(std::is_sorted(down.rbegin(), down.rend()));
  Drain any = Make({.order = Order::kRandom}), other = Make({.order = Order::kRandom});
  EXPECT_NE(Due(any, seconds(0)), Due(other, seconds(0)));
}

TEST_F(DrainTest, TakesOneOfEachEndpointInTurn) {
  Drain drain = Make({.order = Order::kEvenly});
  const std::vector<Member> told = drain.TakeDue(kBegin);
  for (size_t i = 0; i + 3 <= told.size(); i += 3) {
    EXPECT_THAT((std::set{told[i].at, told[i + 1].at, told[i + 2].at}), SizeIs(3)) << i;
  }
}

TEST_F(DrainTest, WhoGoesByHimselfCountsAsTold) {
  Drain drain = Make({.rate = 10});
  EXPECT_THAT(Due(drain, milliseconds(900)), SizeIs(10));
  absl::flat_hash_set<uint64_t> open = Ids(drain.Waiting());
  const std::vector<Member> waiting = drain.Waiting();
  for (size_t i = 50; i < 60; ++i) open.erase(waiting[i].id);  // ten that have not been told
  drain.Retain(open);
  EXPECT_EQ(drain.progress().gone, 10u);
  EXPECT_THAT(Due(drain, milliseconds(1900)), IsEmpty()) << "ten have gone in that second";
  EXPECT_THAT(Due(drain, milliseconds(2900)), SizeIs(10));
  for (const Member& member : drain.Waiting()) open.erase(member.id);
  drain.Retain({});
  EXPECT_EQ(drain.progress().state, State::kDone);
  EXPECT_EQ(drain.progress().gone, 100u);
}

TEST_F(DrainTest, APauseStopsTheClock) {
  Drain drain = Make({.rate = 10, .deadline = seconds(30)});
  EXPECT_THAT(Due(drain, milliseconds(900)), SizeIs(10));
  drain.Pause(kBegin + seconds(1));
  EXPECT_THAT(Due(drain, seconds(100)), IsEmpty());
  EXPECT_FALSE(drain.Overdue(kBegin + seconds(100)));
  EXPECT_EQ(drain.progress().state, State::kPaused);
  drain.Resume(kBegin + seconds(100));
  EXPECT_THAT(Due(drain, seconds(100)), SizeIs(1)) << "that of the second at which it stopped";
  EXPECT_THAT(Due(drain, seconds(100) + milliseconds(900)), SizeIs(9));
  EXPECT_TRUE(drain.Overdue(kBegin + seconds(129)));
}

TEST_F(DrainTest, ACancelledOneLetsTheOthersStay) {
  Drain drain = Make({.rate = 10, .deadline = seconds(20)});
  EXPECT_THAT(Due(drain, milliseconds(900)), SizeIs(10));
  drain.Cancel();
  EXPECT_THAT(Due(drain, seconds(19)), IsEmpty());
  EXPECT_FALSE(drain.Overdue(kBegin + seconds(30)));
  EXPECT_THAT(drain.Waiting(), SizeIs(10)) << "they have yet to go";
  drain.Resume(kBegin + seconds(30));
  EXPECT_EQ(drain.progress().state, State::kCancelled);
}

TEST_F(DrainTest, GoesEvenlyOverItsTimeIfAsked) {
  Drain drain = Make({.even = true, .deadline = seconds(11), .notice = seconds(1)});
  EXPECT_EQ(drain.rate(), 10);
  for (int second = 0; second < 10; ++second) {
    EXPECT_THAT(Due(drain, seconds(second) + milliseconds(999)), SizeIs(10)) << second;
  }
  EXPECT_EQ(drain.TimeLeft(kBegin + seconds(4)), seconds(7));
  EXPECT_EQ(Make({.rate = 1}).TimeLeft(kBegin), std::nullopt);
}

TEST_F(DrainTest, WhoIsExcusedStaysAndIsCountedNoMore) {
  Drain drain = Make({.rate = 10});
  const std::vector<uint64_t> told = Due(drain, milliseconds(900));
  drain.Excuse([](const Member& member) { return member.id % 2 == 0; });
  EXPECT_EQ(Ids(drain.Leaving()), (absl::flat_hash_set<uint64_t>{told.begin(), told.end()}));
  const size_t even_told =
      static_cast<size_t>(std::count_if(told.begin(), told.end(), [](uint64_t id) { return id % 2 == 0; }));
  EXPECT_EQ(drain.progress().total, 50 + even_told);
  EXPECT_THAT(Due(drain, milliseconds(1900)), SizeIs(10)) << "the pace is the same";
  for (const uint64_t id : Due(drain, seconds(60))) EXPECT_EQ(id % 2, 1u);
  EXPECT_EQ(drain.progress().told, 50 + even_told);
}

TEST_F(DrainTest, IsDoneWhenAllAreExcused) {
  Drain drain = Make({.rate = 10});
  drain.Excuse([](const Member&) { return true; });
  EXPECT_EQ(drain.progress().state, State::kDone);
}

TEST_F(DrainTest, OfNobodyIsDone) {
  EXPECT_EQ(Make({.rate = 1}, 0).progress().state, State::kDone);
}

}  // namespace
}  // namespace fairlead::drain
