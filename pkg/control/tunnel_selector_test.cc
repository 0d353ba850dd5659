#include "pkg/control/tunnel_selector.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "fairlead/control/v1/tunnel_service.pb.h"

namespace fairlead::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ReadSelector, TakesAllThatIsSet) {
  v1::TunnelSelector message;
  message.add_ids("000000000000002a");
  message.set_route("ws");
  message.set_client("2001:DB8::1");
  message.set_key("00000000000000ff");
  message.mutable_min_age()->set_seconds(3600);
  message.mutable_min_idle()->set_nanos(5'000'000);
  tunnel::Selector selector;
  ASSERT_TRUE(ReadSelector(message, "filter", &selector).ok());
  EXPECT_THAT(selector.ids, ElementsAre(42));
  EXPECT_EQ(selector.route, "ws");
  EXPECT_EQ(selector.client, "2001:db8::1");
  EXPECT_EQ(selector.key, 255U);
  EXPECT_EQ(selector.min_age, std::chrono::hours(1));
  EXPECT_EQ(selector.min_idle, base::Duration(5));
}

TEST(ReadSelector, AnEmptyOneIsEmpty) {
  tunnel::Selector selector{.ids = {1}, .route = "ws"};
  ASSERT_TRUE(ReadSelector({}, "filter", &selector).ok());
  EXPECT_EQ(selector, tunnel::Selector());
}

TEST(ReadSelector, NamesTheFieldThatCannotBe) {
  const auto refusal = [](const auto& set) {
    v1::TunnelSelector message;
    set(message);
    tunnel::Selector selector;
    return ReadSelector(message, "selector", &selector).error_message();
  };
  EXPECT_THAT(refusal([](auto& message) { message.add_ids("2a"); }), HasSubstr("selector.ids"));
  EXPECT_THAT(refusal([](auto& message) { message.set_client("192.0.2.1:80"); }),
              HasSubstr("selector.client"));
  EXPECT_THAT(refusal([](auto& message) { message.set_key("ada"); }), HasSubstr("selector.key"));
  EXPECT_THAT(refusal([](auto& message) { message.mutable_min_age()->set_seconds(-1); }),
              HasSubstr("selector.min_age"));
  EXPECT_THAT(refusal([](auto& message) { message.mutable_min_idle()->set_seconds(INT64_MAX); }),
              HasSubstr("selector.min_idle"));
  // More than nanoseconds count.
  EXPECT_THAT(refusal([](auto& message) { message.mutable_min_age()->set_seconds(2'700'000L * 3600); }),
              HasSubstr("selector.min_age: is negative or longer than ten years"));
}

}  // namespace
}  // namespace fairlead::control
