#include "pkg/proxy/set_cookie.h"

#include <gtest/gtest.h>

namespace fairlead::proxy {
namespace {

TEST(SetCookie, SaysHowLongAndWhereItIsKept) {
  EXPECT_EQ(SetCookie("a", "1", {.path = "/"}), "a=1; Path=/; SameSite=Lax; HttpOnly");
  EXPECT_EQ(SetCookie("a", "1",
                      {.path = "/ws",
                       .ttl = base::Duration(1001),
                       .same_site = config::SameSite::kNone,
                       .secure = true,
                       .http_only = false}),
            "a=1; Path=/ws; Max-Age=2; SameSite=None; Secure");
  EXPECT_EQ(SetCookie("a", "1", {.path = "/", .same_site = config::SameSite::kStrict}),
            "a=1; Path=/; SameSite=Strict; HttpOnly");
}

}  // namespace
}  // namespace fairlead::proxy
