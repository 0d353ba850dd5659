#include "pkg/sticky/sealer.h"

#include <gtest/gtest.h>

#include <string>

#include "pkg/sticky/base64url.h"

namespace fairlead::sticky {
namespace {

const std::string kSecret(32, 's');

TEST(Sealer, OpensWhatItHasSealed) {
  const Sealer sealer(kSecret);
  for (const std::string& label : {std::string("a"), std::string("192.0.2.1:80"), std::string(128, 'x')}) {
    const std::string value = sealer.Seal("chat", label);
    EXPECT_FALSE(value.empty());
    EXPECT_LE(value.size(), Sealer::kMaxValueBytes);
    EXPECT_EQ(sealer.Open("chat", value), label);
  }
}

TEST(Sealer, SaysTheSameWithTheSameSecretOnEveryProxy) {
  EXPECT_EQ(Sealer(kSecret).Seal("chat", "pod-0"), Sealer(kSecret).Seal("chat", "pod-0"));
  EXPECT_EQ(Sealer(kSecret).Seal("chat", "pod-0"), "A9wnByqwAPUhpw8mpI6WALTMEqJw");  // the contract
}

TEST(Sealer, TellsNothing) {
  const std::string value = Sealer(kSecret).Seal("chat", "192.0.2.1:80");
  EXPECT_EQ(FromBase64Url(value)->find("192"), std::string::npos);
}

TEST(Sealer, RefusesWhatAnotherSecretOrClusterHasSealed) {
  const Sealer sealer(kSecret);
  EXPECT_FALSE(sealer.Open("chat", Sealer(std::string(32, 't')).Seal("chat", "pod-0")));
  EXPECT_FALSE(sealer.Open("chat", sealer.Seal("news", "pod-0")));
}

TEST(Sealer, RefusesEveryChange) {
  const Sealer sealer(kSecret);
  const std::string value = sealer.Seal("chat", "pod-0");
  for (size_t i = 0; i < value.size(); ++i) {
    std::string changed = value;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sealer.Open("chat", changed)) << i;
    EXPECT_FALSE(sealer.Open("chat", value.substr(0, i))) << i;
  }
  EXPECT_FALSE(sealer.Open("chat", value + "A"));
  EXPECT_FALSE(sealer.Open("chat", "a value; with = anything"));
  EXPECT_FALSE(sealer.Open("chat", std::string(100'000, 'A')));
}

TEST(Base64Url, FollowsTheVectorsOfRfc4648) {
  EXPECT_EQ(ToBase64Url(""), "");
  EXPECT_EQ(ToBase64Url("f"), "Zg");
  EXPECT_EQ(ToBase64Url("fo"), "Zm8");
  EXPECT_EQ(ToBase64Url("foo"), "Zm9v");
  EXPECT_EQ(ToBase64Url("foob"), "Zm9vYg");
  EXPECT_EQ(ToBase64Url("\xfb\xff"), "-_8");
  for (const char* text : {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "-_8"}) {
    EXPECT_EQ(ToBase64Url(*FromBase64Url(text)), text);
  }
  for (const char* text : {"Z", "Zh", "Zm9v=", "Zm+v", "Zm/v"}) EXPECT_FALSE(FromBase64Url(text)) << text;
}

}  // namespace
}  // namespace fairlead::sticky
