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

TEST(Printable, ShowsNothingThatATerminalWouldObey) {
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m")
      << "CSI as one character";
  EXPECT_EQ(Printable("\xc3"
                      "a\x80\xff"),
            "\\xc3a\\x80\\xff")
      << "no UTF-8";
  EXPECT_EQ(Printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half a surrogate pair";
  EXPECT_EQ(Printable("é€😀"), "é€😀");
  EXPECT_EQ(Printable("ab😀", 5), "ab…");
  EXPECT_EQ(Printable("ab😀", 6), "ab😀");
}

}  // namespace
}  // namespace fairlead::config
