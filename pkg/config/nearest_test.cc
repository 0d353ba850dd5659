#include "pkg/config/nearest.h"

#include "gmock/gmock.h"

namespace fairlead::config {
namespace {

const std::vector<std::string_view> kNames = {"address", "hash_id", "id", "state", "weight"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(Nearest("adress", kNames), "address");
  EXPECT_EQ(Nearest("addres", kNames), "address");
  EXPECT_EQ(Nearest("hashId", kNames), "hash_id");
  EXPECT_EQ(Nearest("hash-id", kNames), "hash_id");
  EXPECT_EQ(Nearest("wieght", kNames), "weight");
  EXPECT_EQ(Nearest("Weight", kNames), "weight");
  EXPECT_EQ(Nearest("ids", kNames), "id");
}

TEST(Nearest, GuessesNothingFarFetched) {
  EXPECT_EQ(Nearest("zone", kNames), "");
  EXPECT_EQ(Nearest("priority", kNames), "");
  EXPECT_EQ(Nearest("", {}), "");
  EXPECT_EQ(Nearest(std::string(1000, 'a'), {std::string_view("a")}), "");
}

}  // namespace
}  // namespace fairlead::config
