#include "pkg/ctl/style.h"

#include <gtest/gtest.h>

namespace fairlead::ctl {
namespace {

TEST(Style, PaintsOnlyWithColours) {
  EXPECT_EQ(Style().Paint(Tint::kBad, "no"), "no");
  EXPECT_EQ(Style(true).Paint(Tint::kBad, "no"), "\x1b[31mno\x1b[0m");
  EXPECT_EQ(Style(true).Paint(Tint::kNone, "no"), "no");
}

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(Printable("größe 1"), "größe 1");
  EXPECT_EQ(Printable("a\x1b\x7f\tb"), "a???b");
}

}  // namespace
}  // namespace fairlead::ctl
