#include "pkg/config/duration_text.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"

namespace fairlead::config {
namespace {

using base::Duration;

TEST(ParseDuration, ReadsWhatPeopleWrite) {
  struct Case {
    std::string text;
    int64_t milliseconds;
  };
  const std::vector<Case> cases = {
      {"0", 0},           {"0s", 0},          {"250ms", 250},
      {"5s", 5000},       {"5m", 300000},     {"1h", 3600000},
      {"1h30m", 5400000}, {"7d", 604800000},  {"1d12h", 129600000},
      {"1.5s", 1500},     {"0.25h", 900000},  {"1.000000000s", 1000},
      {"0.001s", 1},      {"2m0.5s", 120500}, {"1h0m", 3600000},
      {"007s", 7000},     {"1s500ms", 1500},  {"3650000d", 315360000000000},
  };
  for (const Case& c : cases) {
    const DurationResult result = ParseDuration(c.text);
    EXPECT_EQ(result.error, DurationError::kNone) << c.text;
    EXPECT_EQ(result.value, Duration(c.milliseconds)) << c.text;
  }
}

TEST(ParseDuration, RefusesTheRest) {
  struct Case {
    std::string text;
    DurationError error;
  };
  const std::vector<Case> cases = {
      {"", DurationError::kSyntax},
      {"5", DurationError::kSyntax},
      {"s", DurationError::kSyntax},
      {"5 s", DurationError::kSyntax},
      {" 5s", DurationError::kSyntax},
      {"5s ", DurationError::kSyntax},
      {"5S", DurationError::kSyntax},
      {"5sec", DurationError::kSyntax},
      {"1m1h", DurationError::kSyntax},
      {"1s1s", DurationError::kSyntax},
      {".5s", DurationError::kSyntax},
      {"1.s", DurationError::kSyntax},
      {"1.5.5s", DurationError::kSyntax},
      {"1e3s", DurationError::kSyntax},
      {"NaN", DurationError::kSyntax},
      {"inf", DurationError::kSyntax},
      {"0x5s", DurationError::kSyntax},
      {"+5s", DurationError::kSyntax},
      {"--5s", DurationError::kSyntax},
      {"-", DurationError::kSyntax},
      {"1us", DurationError::kSyntax},
      {"-5s", DurationError::kNegative},
      {"-0s", DurationError::kNegative},
      {"0.5ms", DurationError::kTooFine},
      {"1.0005s", DurationError::kTooFine},
      {"0.0000000001d", DurationError::kTooFine},
      {"3650001d", DurationError::kTooLong},
      {"3650000d1s", DurationError::kTooLong},
      {"99999999999999999999s", DurationError::kTooLong},
      {"9223372036854775807ms", DurationError::kTooLong},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseDuration(c.text).error, c.error) << c.text;
}

TEST(FormatDuration, IsReadBackAsItWas) {
  struct Case {
    int64_t milliseconds;
    std::string text;
  };
  const std::vector<Case> cases = {
      {0, "0s"},     {1, "1ms"},       {250, "250ms"},     {1500, "1.5s"},     {1001, "1.001s"},
      {60000, "1m"}, {90000, "1m30s"}, {60250, "1m250ms"}, {5400000, "1h30m"}, {604800000, "168h"}};
  for (const Case& c : cases) {
    EXPECT_EQ(FormatDuration(Duration(c.milliseconds)), c.text);
    EXPECT_EQ(ParseDuration(c.text).value, Duration(c.milliseconds));
  }
}

}  // namespace
}  // namespace fairlead::config
