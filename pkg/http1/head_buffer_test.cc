#include "pkg/http1/head_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::http1 {
namespace {

using Result = HeadBuffer::Result;

constexpr HeadLimits kSmall{.max_head_bytes = 40, .max_start_line_bytes = 20, .max_fields = 10};

Result FeedWhole(std::string_view text, bool may_follow_empty_line = true) {
  HeadBuffer buffer(kSmall, may_follow_empty_line);
  return buffer.Feed(&text);
}

TEST(HeadBuffer, StopsBehindTheEmptyLine) {
  HeadBuffer buffer(kSmall, true);
  std::string_view in = "A b\r\nc: d\r\n\r\nrest\r\n";
  EXPECT_EQ(buffer.Feed(&in), Result::kComplete);
  EXPECT_EQ(buffer.text(), "A b\r\nc: d\r\n\r\n");
  EXPECT_EQ(in, "rest\r\n");
}

TEST(HeadBuffer, StartsWithTheFirstByteThatCounts) {
  HeadBuffer buffer(kSmall, true);
  std::string_view in = "\r\n";
  EXPECT_EQ(buffer.Feed(&in), Result::kNeedMore);
  EXPECT_FALSE(buffer.started());
  in = "G";
  EXPECT_EQ(buffer.Feed(&in), Result::kNeedMore);
  EXPECT_TRUE(buffer.started());
  buffer.Clear();
  EXPECT_FALSE(buffer.started());
}

TEST(HeadBuffer, PassesOverOneEmptyLineWhereAllowed) {
  EXPECT_EQ(FeedWhole("\r\nA\r\n\r\n"), Result::kComplete);
  EXPECT_EQ(FeedWhole("\r\n\r\nA\r\n\r\n"), Result::kBadLine);
  EXPECT_EQ(FeedWhole("\r\nA\r\n\r\n", false), Result::kBadLine);
}

TEST(HeadBuffer, RefusesBareNewlinesAndForeignProtocolsAtOnce) {
  EXPECT_EQ(FeedWhole("A\n"), Result::kBadLine);
  EXPECT_EQ(FeedWhole("A\r\nb\n"), Result::kBadLine);
  EXPECT_EQ(FeedWhole("A\r\n\n"), Result::kBadLine);
  EXPECT_EQ(FeedWhole("\n"), Result::kBadLine);
  EXPECT_EQ(FeedWhole("\x16\x03\x01"), Result::kBadLine);
  EXPECT_EQ(FeedWhole(" GET"), Result::kBadLine);
}

TEST(HeadBuffer, CountsToTheByte) {
  EXPECT_EQ(FeedWhole(std::string(18, 'a') + "\r\n"), Result::kNeedMore);
  EXPECT_EQ(FeedWhole(std::string(19, 'a') + "\r\n"), Result::kStartLineTooLong);
  EXPECT_EQ(FeedWhole(std::string(20, 'a')), Result::kNeedMore);
  EXPECT_EQ(FeedWhole(std::string(21, 'a')), Result::kStartLineTooLong);
  EXPECT_EQ(FeedWhole("A\r\n" + std::string(33, 'b') + "\r\n\r\n"), Result::kComplete);
  EXPECT_EQ(FeedWhole("A\r\n" + std::string(34, 'b') + "\r\n\r\n"), Result::kTooLarge);
  EXPECT_EQ(FeedWhole("A\r\n" + std::string(37, 'b')), Result::kNeedMore);
  EXPECT_EQ(FeedWhole("A\r\n" + std::string(38, 'b')), Result::kTooLarge);
}

TEST(HeadBuffer, GivesALargeBufferBack) {
  HeadBuffer buffer(HeadLimits{}, true);
  const std::string head = "A\r\nb: " + std::string(20000, 'c') + "\r\n\r\n";
  std::string_view in = head;
  ASSERT_EQ(buffer.Feed(&in), Result::kComplete);
  buffer.Clear();
  EXPECT_LT(buffer.text().capacity(), 1000u);
}

}  // namespace
}  // namespace fairlead::http1
