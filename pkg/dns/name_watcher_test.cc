#include "pkg/dns/name_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "pkg/dns/test_name_server.h"
#include "pkg/loop/loop.h"
#include "pkg/loop/test_turns.h"
#include "tests/support/fake_clock.h"

namespace fairlead::dns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

class NameWatcherTest : public ::testing::Test {
 protected:
  static constexpr seconds kInterval{10};

  NameWatcherTest() { server_.Set("chat.test", {"10.0.0.1"}); }

  void Watch(const std::string& name = "chat.test.") {
    watcher_ =
        std::make_unique<NameWatcher>(*resolver_, random_, name, kInterval,
                                      [this](const absl::StatusOr<std::vector<base::IpAddress>>& report) {
                                        std::string text;
                                        if (report.ok()) {
                                          for (const base::IpAddress& address : *report)
                                            text += address.ToString() + " ";
                                        } else {
                                          text = absl::StatusCodeToString(report.status().code());
                                        }
                                        reports_.push_back(text);
                                      });
    EXPECT_TRUE(reports_.empty());
    AwaitLookup();
  }

  // The lookup that is due by now has been made, and its answer has arrived.
  void AwaitLookup() {
    loop::RunUntil(loop_, [this] { return server_.questions >= asked_ + 2; });
    loop::RunIdle(loop_);
    EXPECT_EQ(server_.questions, asked_ + 2);
    asked_ = server_.questions;
  }

  // The next lookup comes `delay` from now, 10 % more or less and the wheel's tick.
  void ExpectNextAfter(milliseconds delay) {
    const milliseconds step(10);
    milliseconds waited(0);
    while (server_.questions == asked_ && waited < delay * 2) {
      clock_.Advance(step);
      waited += step;
      for (int turn = 0; turn < 3; ++turn) loop::Turn(loop_);
    }
    EXPECT_GE(waited, delay * 9 / 10);
    EXPECT_LE(waited, delay * 11 / 10 + base::DeadlineWheel::kTick + step);
    AwaitLookup();
  }

  void NextLookup() {
    clock_.Advance(kInterval * 12 / 10);
    AwaitLookup();
  }

  testing::FakeClock clock_;
  loop::Loop loop_{&clock_};
  base::Random random_{1};
  TestNameServer server_{loop_};
  std::unique_ptr<Resolver> resolver_ = *Resolver::Create(loop_, {.servers = server_.address(), .tries = 1});
  std::vector<std::string> reports_;
  std::unique_ptr<NameWatcher> watcher_;
  int asked_ = 0;
};

TEST_F(NameWatcherTest, ReportsTheFirstAnswerSortedAndWithoutDuplicates) {
  server_.Set("chat.test", {"2001:db8::1", "10.0.0.2", "10.0.0.1", "10.0.0.2"});
  Watch();
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 10.0.0.2 2001:db8::1 "));
}

TEST_F(NameWatcherTest, AsksAgainEveryIntervalMoreOrLess) {
  Watch();
  for (int i = 0; i < 5; ++i) ExpectNextAfter(kInterval);
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 "));
}

TEST_F(NameWatcherTest, ReportsWhatChanged) {
  Watch();
  server_.Set("chat.test", {"10.0.0.1", "10.0.0.2"});
  NextLookup();
  NextLookup();
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 ", "10.0.0.1 10.0.0.2 "));
}

TEST_F(NameWatcherTest, DropsAnAddressThatWasMissingThreeTimes) {
  server_.Set("chat.test", {"10.0.0.1", "10.0.0.2"});
  Watch();
  server_.Set("chat.test", {"10.0.0.2"});
  NextLookup();
  NextLookup();
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 10.0.0.2 "));
  NextLookup();
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 10.0.0.2 ", "10.0.0.2 "));
}

TEST_F(NameWatcherTest, ReportsAnInitialFailureOnceAndThenTheAnswer) {
  server_.code = TestNameServer::Code::kServerFailure;
  Watch();
  ExpectNextAfter(seconds(1));
  EXPECT_THAT(reports_, ElementsAre("UNAVAILABLE"));
  server_.code = TestNameServer::Code::kNoError;
  ExpectNextAfter(seconds(2));
  EXPECT_THAT(reports_, ElementsAre("UNAVAILABLE", "10.0.0.1 "));
}

TEST_F(NameWatcherTest, TriesAFailureAgainEverLessOftenUpToTheInterval) {
  server_.code = TestNameServer::Code::kServerFailure;
  Watch();
  for (const int delay : {1, 2, 4, 8, 10, 10}) ExpectNextAfter(seconds(delay));
  server_.code = TestNameServer::Code::kNoError;
  ExpectNextAfter(kInterval);
  ExpectNextAfter(kInterval);
  server_.code = TestNameServer::Code::kServerFailure;
  ExpectNextAfter(kInterval);
  ExpectNextAfter(seconds(1));
}

TEST_F(NameWatcherTest, AFailureKeepsTheLastAnswer) {
  Watch();
  server_.code = TestNameServer::Code::kServerFailure;
  for (int i = 0; i < 5; ++i) NextLookup();
  server_.code = TestNameServer::Code::kNoError;
  server_.Set("chat.test", {"10.0.0.2"});
  NextLookup();
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 ", "UNAVAILABLE", "10.0.0.1 10.0.0.2 "));
}

TEST_F(NameWatcherTest, ANameThatIsGoneKeepsItsLastAnswer) {
  Watch();
  server_.code = TestNameServer::Code::kNoSuchName;
  for (int i = 0; i < 5; ++i) NextLookup();
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 ", "NOT_FOUND"));
}

TEST_F(NameWatcherTest, EachRowOfFailuresIsReportedOnce) {
  Watch();
  for (int i = 0; i < 2; ++i) {
    server_.code = TestNameServer::Code::kServerFailure;
    NextLookup();
    NextLookup();
    server_.code = TestNameServer::Code::kNoError;
    NextLookup();
  }
  EXPECT_THAT(reports_, ElementsAre("10.0.0.1 ", "UNAVAILABLE", "UNAVAILABLE"));
}

TEST_F(NameWatcherTest, WatchesLiteralAddressesToo) {
  watcher_ = std::make_unique<NameWatcher>(
      *resolver_, random_, "192.0.2.7", kInterval,
      [this](const auto& report) { reports_.push_back(report.value()[0].ToString()); });
  EXPECT_TRUE(reports_.empty());
  loop::RunUntil(loop_, [this] { return !reports_.empty(); });
  EXPECT_THAT(reports_, ElementsAre("192.0.2.7"));
}

TEST_F(NameWatcherTest, IsNotHeardOfOnceDestroyed) {
  watcher_ = std::make_unique<NameWatcher>(*resolver_, random_, "chat.test.", kInterval,
                                           [this](const auto&) { reports_.push_back("?"); });
  watcher_.reset();
  loop::RunUntil(loop_, [this] { return server_.questions == 2; });
  clock_.Advance(10 * kInterval);
  loop::RunIdle(loop_);
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(server_.questions, 2);
}

TEST_F(NameWatcherTest, EverythingMayEndWithALookupUnderWay) {
  server_.silent = true;
  watcher_ = std::make_unique<NameWatcher>(*resolver_, random_, "chat.test.", kInterval,
                                           [this](const auto&) { reports_.push_back("?"); });
  loop::RunUntil(loop_, [this] { return server_.questions == 2; });
  watcher_.reset();
  resolver_.reset();
  loop::RunIdle(loop_);
  EXPECT_TRUE(reports_.empty());
}

}  // namespace
}  // namespace fairlead::dns
