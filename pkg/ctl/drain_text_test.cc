#include "pkg/ctl/drain_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include "fairlead/control/v1/tunnel_service.pb.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using ::testing::HasSubstr;

constexpr base::WallTime kNow{std::chrono::hours(1000)};

v1::Drain* Add(v1::ListDrainsResponse& response, int64_t total, int64_t told, int64_t gone) {
  v1::Drain* drain = response.add_drains();
  drain->set_id(7);
  drain->set_cluster("chat");
  drain->set_cause(v1::DRAIN_CAUSE_ENDPOINT);
  drain->set_endpoint("chat-0");
  drain->set_state(v1::DRAIN_STATE_RUNNING);
  drain->set_total(total);
  drain->set_told(told);
  drain->set_gone(gone);
  *drain->mutable_began_at() = google::protobuf::util::TimeUtil::SecondsToTimestamp(1000 * 3600 - 65);
  return drain;
}

TEST(DescribeDrains, DrawsABarForEach) {
  v1::ListDrainsResponse response;
  Add(response, 5000, 2500, 1000);
  EXPECT_EQ(DescribeDrains(response, kNow, Style()),
            "ID  CAUSE     CLUSTER  ABOUT   STATE    PROGRESS               GONE   TOLD     OF  SINCE\n"
            " 7  endpoint  chat     chat-0  RUNNING  ####======..........  1,000  2,500  5,000  1m 5s\n");
}

TEST(DescribeDrains, ABarIsNeverTooLong) {
  v1::ListDrainsResponse response;
  Add(response, 0, 0, 0);
  Add(response, 10, 3, 10)->set_state(v1::DRAIN_STATE_DONE);
  const std::string text = DescribeDrains(response, kNow, Style());
  EXPECT_THAT(text, HasSubstr("  ....................  "));
  EXPECT_THAT(text, HasSubstr("DONE     ####################  "));
}

TEST(DescribeDrains, SaysThatThereIsNone) {
  EXPECT_EQ(DescribeDrains({}, kNow, Style()), "no drain is under way, or was\n");
}

TEST(DescribeDrains, SaysWhatEachIsAbout) {
  v1::ListDrainsResponse response;
  v1::Drain* const route = Add(response, 10, 3, 1);
  route->clear_endpoint();
  route->set_route("ws");
  route->set_cause(v1::DRAIN_CAUSE_ROUTE);
  v1::Drain* const all = Add(response, 10, 3, 1);
  all->clear_endpoint();
  all->clear_cluster();
  all->set_cause(v1::DRAIN_CAUSE_SHUTDOWN);
  const std::string text = DescribeDrains(response, kNow, Style());
  EXPECT_THAT(text, HasSubstr(" 7  route     chat     ws "));
  EXPECT_THAT(text, HasSubstr(" 7  shutdown  -        - "));
}

TEST(DescribeRebalance, SaysWhoMoves) {
  v1::StartRebalanceResponse response;
  response.set_max_over_mean(1.25);
  response.set_target(1.1);
  EXPECT_THAT(DescribeRebalance(response, "chat", false), HasSubstr("no tunnel has to move"));
  response.set_moves(1200);
  EXPECT_EQ(
      DescribeRebalance(response, "chat", true),
      "chat: the fullest endpoint has 1.25 of its part, 1.10 is the target\n1,200 tunnels would move\n");
  response.set_drain_id(4);
  EXPECT_THAT(DescribeRebalance(response, "chat", false), HasSubstr("moving 1,200 tunnels: drain 4\n"));
}

}  // namespace
}  // namespace fairlead::ctl
