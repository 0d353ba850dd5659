#include "pkg/config/quote.h"

#include "gmock/gmock.h"

namespace fairlead::config {
namespace {

TEST(Quote, StaysOnOneLineAndShort) {
  EXPECT_EQ(Quote("plain ü"), "\"plain ü\"");
  EXPECT_EQ(Quote("a\r\n\x1b[31m"), "\"a\\x0d\\x0a\\x1b[31m\"");
  EXPECT_EQ(Quote(std::string(80, 'x')), "\"" + std::string(80, 'x') + "\"");
  EXPECT_EQ(Quote(std::string(81, 'x')), "\"" + std::string(80, 'x') + "…\"");
}

TEST(Quote, DoesNotCutALetterInHalf) {
  EXPECT_EQ(Quote(std::string(79, 'x') + "üüü"), "\"" + std::string(79, 'x') + "…\"");
}

}  // namespace
}  // namespace fairlead::config
