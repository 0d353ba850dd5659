#include "pkg/config/path.h"

#include "gmock/gmock.h"

namespace fairlead::config {
namespace {

TEST(Path, IsSpelledAsInTheFile) {
  const Path root;
  EXPECT_EQ(root.ToString(), "");
  const Path clusters = root.Field("clusters"), cluster = clusters.Index(2),
             endpoints = cluster.Field("endpoints"), endpoint = endpoints.Index(0);
  EXPECT_EQ(endpoint.Field("address").ToString(), "clusters[2].endpoints[0].address");
}

TEST(Path, KeepsKeysOnOneLine) {
  const Path root;
  EXPECT_EQ(root.Field("a\nb").ToString(), "a\\x0ab");
}

}  // namespace
}  // namespace fairlead::config
