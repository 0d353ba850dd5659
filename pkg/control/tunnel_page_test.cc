#include "pkg/control/tunnel_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::control {
namespace {

using testing::ElementsAre;

std::vector<tunnel::Row> Rows() {
  const base::WallTime epoch;
  std::vector<tunnel::Row> rows(4);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].id = 4 - i;
  rows[0].opened_at = epoch + std::chrono::seconds(30);
  rows[1].opened_at = epoch + std::chrono::seconds(10);
  rows[2].opened_at = epoch + std::chrono::seconds(20);
  rows[3].opened_at = epoch + std::chrono::seconds(10);
  rows[2].idle = base::Duration(500);
  rows[1].bytes_received = 7;
  rows[3].bytes_sent = 9;
  rows[0].conversation = {.messages_from_client = 2, .messages_from_backend = 3};
  rows[1].conversation = {.messages_from_client = 4, .backend_ping_rtt = std::chrono::microseconds(900)};
  rows[2].conversation = {.client_ping_rtt = std::chrono::microseconds(1100)};
  return rows;
}

std::vector<uint64_t> IdsOf(const TunnelPage& page) {
  std::vector<uint64_t> ids;
  for (const tunnel::Row& row : page.rows) ids.push_back(row.id);
  return ids;
}

TEST(PageOf, OrdersById) {
  EXPECT_THAT(IdsOf(PageOf(Rows(), TunnelOrder::kId, {}, 10)), ElementsAre(1, 2, 3, 4));
}

TEST(PageOf, OrdersByWhatIsAskedForAndThenById) {
  EXPECT_THAT(IdsOf(PageOf(Rows(), TunnelOrder::kAge, {}, 10)), ElementsAre(1, 3, 2, 4));
  EXPECT_THAT(IdsOf(PageOf(Rows(), TunnelOrder::kIdle, {}, 10)), ElementsAre(2, 1, 3, 4));
  EXPECT_THAT(IdsOf(PageOf(Rows(), TunnelOrder::kBytes, {}, 10)), ElementsAre(1, 3, 2, 4));
  EXPECT_THAT(IdsOf(PageOf(Rows(), TunnelOrder::kMessages, {}, 10)), ElementsAre(4, 3, 1, 2));
  EXPECT_THAT(IdsOf(PageOf(Rows(), TunnelOrder::kPingRtt, {}, 10)), ElementsAre(2, 3, 1, 4));
}

TEST(PageOf, GoesOnWhereThePageBeforeEnded) {
  const TunnelPage first = PageOf(Rows(), TunnelOrder::kAge, {}, 3);
  EXPECT_THAT(IdsOf(first), ElementsAre(1, 3, 2));
  const std::optional<PageToken> next = PageToken::Parse(first.next);
  ASSERT_TRUE(next);
  const TunnelPage second = PageOf(Rows(), TunnelOrder::kAge, *next, 3);
  EXPECT_THAT(IdsOf(second), ElementsAre(4));
  EXPECT_EQ(second.next, "");
}

TEST(PageOf, EndsWithTheLastRow) {
  EXPECT_EQ(PageOf(Rows(), TunnelOrder::kId, {}, 4).next, "");
  EXPECT_EQ(PageOf({}, TunnelOrder::kId, {}, 4).next, "");
}

TEST(PageToken, RefusesWhatItDidNotMake) {
  EXPECT_TRUE(PageToken::Parse(""));
  for (const char* text : {"x", "1", "1.", "1.x", ".1", "1.2.3", "99999999999999999999.1"}) {
    EXPECT_FALSE(PageToken::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace fairlead::control
