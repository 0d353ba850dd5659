#include "pkg/ctl/status_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fairlead/control/v1/status_service.pb.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

using google::protobuf::util::TimeUtil;
using testing::HasSubstr;
using testing::Not;

const base::WallTime kNow{std::chrono::seconds(1'000'000)};

// Ready at revision 7, which every worker runs.
control::v1::Status GoodStatus() {
  control::v1::Status status;
  status.set_node("gateway-0");
  status.set_version("1.2.3");
  status.set_ready(true);
  status.set_owner("PUSH");
  status.set_revision(7);
  status.set_installed_revision(7);
  status.set_open_tunnels(12'345);
  status.set_open_connections(1);
  *status.mutable_started_at() = TimeUtil::SecondsToTimestamp(1'000'000 - 3 * 3600);
  *status.mutable_applied_at() = TimeUtil::SecondsToTimestamp(1'000'000 - 12);
  return status;
}

TEST(DescribeStatus, SaysWhatIsWorthKnowing) {
  EXPECT_EQ(DescribeStatus(GoodStatus(), kNow, Style()),
            "node          gateway-0\n"
            "version       1.2.3, up 3h\n"
            "ready         yes\n"
            "owner         PUSH\n"
            "revision      7, applied 12s ago, run by every worker\n"
            "open          12,345 tunnels, 1 connection\n");
}

TEST(DescribeStatus, SaysWhoHasTakenTheConfigurationOverAndUntilWhen) {
  control::v1::Status status = GoodStatus();
  status.set_overridden_by("push:uid=1000");
  *status.mutable_overridden_until() = TimeUtil::SecondsToTimestamp(1'000'000 + 600);
  EXPECT_THAT(DescribeStatus(status, kNow, Style()),
              HasSubstr("owner         PUSH, taken over by push:uid=1000 until " +
                        FormatTime(kNow + std::chrono::seconds(600)) + ", for 10m more\n"));
  EXPECT_THAT(SummarizeStatus(status, kNow), HasSubstr("  taken over by push:uid=1000"));
}

TEST(DescribeStatus, SaysWhatIsWrong) {
  control::v1::Status status = GoodStatus();
  status.set_ready(false);
  status.set_not_ready_reason("shutting down");
  status.set_installed_revision(6);
  status.set_stale(true);
  *status.mutable_stale_for() = TimeUtil::SecondsToDuration(90);
  status.set_last_rejection("clusters[0].name: is missing");
  status.set_draining(true);
  for (const int remaining : {1000, 234}) status.add_drains()->set_remaining(remaining);
  status.mutable_fleet()->set_address("plane:9190");
  *status.mutable_fleet()->mutable_since() = TimeUtil::SecondsToTimestamp(1'000'000 - 65);
  status.mutable_fleet()->set_last_error("connection refused");
  const std::string text = DescribeStatus(status, kNow, Style());
  EXPECT_THAT(text, HasSubstr("ready         no: shutting down\n"));
  EXPECT_THAT(text, HasSubstr("; some workers still run 6\n"));
  EXPECT_THAT(text, HasSubstr("stale         since 1m 30s: "));
  EXPECT_THAT(text, HasSubstr("draining      yes\n"));
  EXPECT_THAT(text, HasSubstr("drains        2 under way, 1,234 tunnels to go\n"));
  EXPECT_THAT(text, HasSubstr("control plane plane:9190, not connected for 1m 5s: connection refused\n"));
  EXPECT_THAT(text, HasSubstr("last refusal  clusters[0].name: is missing\n"));
}

TEST(DescribeStatus, ColoursOnlyWhenAsked) {
  EXPECT_THAT(DescribeStatus(GoodStatus(), kNow, Style()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(DescribeStatus(GoodStatus(), kNow, Style(true)), HasSubstr("\x1b[32myes\x1b[0m"));
}

TEST(SummarizeStatus, FitsALine) {
  EXPECT_EQ(SummarizeStatus(GoodStatus(), kNow),
            FormatTime(kNow) + "  ready  revision 7  12,345 tunnels  1 connection");
  control::v1::Status status = GoodStatus();
  status.set_draining(true);
  status.set_drained(true);
  status.set_last_rejection("two\nlines");
  EXPECT_THAT(SummarizeStatus(status, kNow), HasSubstr("  drained  refused: two?lines"));
}

}  // namespace
}  // namespace fairlead::ctl
