#include "pkg/telemetry/close_reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "pkg/telemetry/reject_reason.h"

namespace fairlead::telemetry {
namespace {

template <typename Reason>
void ExpectWordsOfTheirOwn(size_t count) {
  std::set<std::string_view> words;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view word = ToString(static_cast<Reason>(i));
    EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << word;
    words.insert(word);
  }
  EXPECT_EQ(words.size(), count);
}

TEST(CloseReason, EachHasAWordOfItsOwn) {
  ExpectWordsOfTheirOwn<CloseReason>(kCloseReasonCount);
}

TEST(RejectReason, EachHasAWordOfItsOwn) {
  ExpectWordsOfTheirOwn<RejectReason>(kRejectReasonCount);
}

}  // namespace
}  // namespace fairlead::telemetry
