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
            "ID  CLUSTER  ENDPOINT  STATE    PROGRESS               GONE   TOLD     OF  SINCE\n"
            " 7  chat     chat-0    RUNNING  ####======..........  1,000  2,500  5,000  1m 5s\n");
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
  EXPECT_EQ(DescribeDrains({}, kNow, Style()), "no endpoint has been drained\n");
}

}  // namespace
}  // namespace fairlead::ctl
