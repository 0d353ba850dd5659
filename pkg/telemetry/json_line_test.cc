#include "pkg/telemetry/json_line.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <string_view>

#include "pkg/telemetry/flat_json.h"

namespace fairlead::telemetry {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string One(std::string_view value) {
  JsonLine line(64);
  line.Text("v", value);
  return line.Finish();
}

std::string At(int64_t milliseconds_since_epoch) {
  JsonLine line(64);
  line.Time("t", base::WallTime(milliseconds(milliseconds_since_epoch)));
  return line.Finish();
}

TEST(JsonLine, PutsMembersInOrder) {
  JsonLine line(64);
  line.Text("a", "x");
  line.Number("b", 0);
  line.Number("c", ~uint64_t{0});
  line.Hex("d", 0xbeef);
  EXPECT_EQ(line.Finish(), R"({"a":"x","b":0,"c":18446744073709551615,"d":"000000000000beef"})");
}

TEST(JsonLine, WritesMillisecondsWithThreeDecimals) {
  JsonLine line(64);
  line.Milliseconds("a", microseconds(0));
  line.Milliseconds("b", microseconds(1007));
  line.Milliseconds("c", microseconds(-5));  // a clock that went back
  EXPECT_EQ(line.Finish(), R"({"a":0.000,"b":1.007,"c":0.000})");
}

TEST(JsonLine, WritesTimeAsRfc3339) {
  EXPECT_EQ(At(0), R"({"t":"1970-01-01T00:00:00.000Z"})");
  EXPECT_EQ(At(1709208000123), R"({"t":"2024-02-29T12:00:00.123Z"})");
  EXPECT_EQ(At(-1), R"({"t":"1969-12-31T23:59:59.999Z"})");
}

TEST(JsonLine, EscapesQuotesBackslashesAndControls) {
  EXPECT_EQ(One("a\"b\\c"), R"({"v":"a\"b\\c"})");
  EXPECT_EQ(One(std::string_view("\0\n\x1f\x7f", 4)), R"({"v":"\u0000\u000a\u001f\u007f"})");
}

TEST(JsonLine, PassesUtf8AndSpellsOutWhatIsNone) {
  EXPECT_EQ(One("ü€😀"), "{\"v\":\"ü€😀\"}");
  EXPECT_EQ(One("\xff"), R"({"v":"\u00ff"})");
  EXPECT_EQ(One("\xc3"), R"({"v":"\u00c3"})");                                // cut short
  EXPECT_EQ(One("\xc0\xaf"), R"({"v":"\u00c0\u00af"})");                      // overlong
  EXPECT_EQ(One("\xed\xa0\x80"), R"({"v":"\u00ed\u00a0\u0080"})");            // a surrogate
  EXPECT_EQ(One("\xf4\x90\x80\x80"), R"({"v":"\u00f4\u0090\u0080\u0080"})");  // above U+10FFFF
  EXPECT_EQ(One("\xe2\x82x"), R"({"v":"\u00e2\u0082x"})");
}

TEST(JsonLine, IsJsonWhateverTheBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_TRUE(FlatJson::Parse(One(bytes)).has_value()) << One(bytes);
  }
}

TEST(Clip, LeavesShortTextAlone) {
  const Clipped clipped = Clip("abc", 3);
  EXPECT_EQ(clipped.kept, "abc");
  EXPECT_EQ(clipped.mark, "");
}

TEST(Clip, MarksWhatItCutAndStaysWithinTheLimit) {
  const Clipped clipped = Clip("abcdefgh", 7);
  EXPECT_EQ(clipped.kept, "abcd");
  EXPECT_EQ(clipped.mark, "…");
}

TEST(Clip, CutsBetweenCharacters) {
  EXPECT_EQ(Clip("ab€€", 7).kept, "ab");
  EXPECT_EQ(Clip("a😀b😀", 9).kept, "a😀b");
  EXPECT_EQ(Clip("aaaaaaaaaa", 2).kept, "aa");  // no room for the mark
  EXPECT_EQ(Clip("a", 0).kept, "");
}

TEST(Clip, DoesNotEatWhatIsNoUtf8) {
  EXPECT_EQ(Clip(std::string(100, '\x80'), 50).kept.size(), 44u);
}

}  // namespace
}  // namespace fairlead::telemetry
