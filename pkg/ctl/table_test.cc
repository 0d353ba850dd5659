#include "pkg/ctl/table.h"

#include <gtest/gtest.h>

namespace fairlead::ctl {
namespace {

TEST(Table, AlignsColumnsToTheirWidestCell) {
  Table table({{"NAME"}, {"TUNNELS", Table::Align::kRight}, {"STATE"}});
  table.Add({std::string("a"), std::string("1,234"), std::string("ACTIVE")});
  table.Add({std::string("chat-long"), std::string("5"), std::string("")});
  EXPECT_EQ(table.ToString(Style()),
            "NAME       TUNNELS  STATE\n"
            "a            1,234  ACTIVE\n"
            "chat-long        5\n");
}

TEST(Table, CountsCharactersNotBytes) {
  Table table({{"NAME"}, {"X"}});
  table.Add({std::string("größe"), std::string("1")});
  table.Add({std::string("abcdef"), std::string("2")});
  EXPECT_EQ(table.ToString(Style()),
            "NAME    X\n"
            "größe   1\n"
            "abcdef  2\n");
}

TEST(Table, ColoursDoNotCountAsWidth) {
  Table table({{"A"}, {"B"}});
  table.Add({{"up", Tint::kGood}, std::string("1")});
  EXPECT_EQ(table.ToString(Style(true)),
            "\x1b[2mA\x1b[0m   \x1b[2mB\x1b[0m\n"
            "\x1b[32mup\x1b[0m  1\n");
}

TEST(Table, ReplacesControlCharacters) {
  Table table({{"A"}});
  table.Add({std::string("x\x1b[2Jy\n")});
  EXPECT_EQ(table.ToString(Style()), "A\nx?[2Jy?\n");
}

TEST(Table, WithoutRowsIsItsTitles) {
  const Table table({{"A"}, {"B"}});
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.ToString(Style()), "A  B\n");
}

}  // namespace
}  // namespace fairlead::ctl
