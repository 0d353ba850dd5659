#include "pkg/http1/status.h"

#include <gtest/gtest.h>

namespace fairlead::http1 {
namespace {

TEST(ReasonPhrase, KnowsRegisteredCodesOnly) {
  EXPECT_EQ(ReasonPhrase(100), "Continue");
  EXPECT_EQ(ReasonPhrase(101), "Switching Protocols");
  EXPECT_EQ(ReasonPhrase(426), "Upgrade Required");
  EXPECT_EQ(ReasonPhrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(ReasonPhrase(511), "Network Authentication Required");
  for (int status : {-1, 0, 99, 104, 299, 306, 418, 600, 999}) {
    EXPECT_EQ(ReasonPhrase(status), "") << status;
    EXPECT_FALSE(KnownStatus(status)) << status;
  }
}

TEST(ReasonPhrase, RegistryIsInOrder) {
  int known = 0;
  for (int status = 100; status < 600; ++status) known += KnownStatus(status) ? 1 : 0;
  EXPECT_EQ(known, 60);
}

}  // namespace
}  // namespace fairlead::http1
