#include "pkg/ctl/endpoint_spec.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::ctl {
namespace {

TEST(ParseEndpoint, TakesAnAddressAlone) {
  const auto endpoint = ParseEndpoint("127.0.0.1:9001");
  ASSERT_TRUE(endpoint.ok());
  config::Endpoint expected;
  expected.address = *base::SocketAddress::Parse("127.0.0.1:9001");
  EXPECT_EQ(*endpoint, expected);
}

TEST(ParseEndpoint, TakesEverySetting) {
  const auto endpoint = ParseEndpoint("unix:/run/app.sock,id=a,hash_id=chat-0,weight=0,state=DRAINING");
  ASSERT_TRUE(endpoint.ok());
  EXPECT_EQ(endpoint->address.ToString(), "unix:/run/app.sock");
  EXPECT_EQ(endpoint->id, "a");
  EXPECT_EQ(endpoint->hash_id, "chat-0");
  EXPECT_EQ(endpoint->weight, 0u);
  EXPECT_EQ(endpoint->state, config::EndpointState::kDraining);
}

struct WrongCase {
  std::string text;
  std::string message;
};

TEST(ParseEndpoint, SaysWhatIsWrong) {
  const WrongCase cases[] = {
      {"", "endpoint \"\": does not begin with an address, write IP:port or unix:/path"},
      {"id=a,127.0.0.1:1",
       "endpoint \"id=a,127.0.0.1:1\": does not begin with an address, write IP:port or unix:/path"},
      {"127.0.0.1:1,weight=65536",
       "endpoint \"127.0.0.1:1,weight=65536\": weight \"65536\" is out of range, write 0 to 65535"},
      {"127.0.0.1:1,weight=1x",
       "endpoint \"127.0.0.1:1,weight=1x\": weight \"1x\" is out of range, write 0 to 65535"},
      {"127.0.0.1:1,state=GONE",
       "endpoint \"127.0.0.1:1,state=GONE\": state \"GONE\" is not known, write ACTIVE or DRAINING"},
      {"127.0.0.1:1,colour=red",
       "endpoint \"127.0.0.1:1,colour=red\": \"colour=red\" is no setting, write id=…, "
       "hash_id=…, weight=… or state=…"},
      {"127.0.0.1:1,",
       "endpoint \"127.0.0.1:1,\": \"\" is no setting, write id=…, hash_id=…, weight=… or state=…"},
      {"127.0.0.1:1,id=",
       "endpoint \"127.0.0.1:1,id=\": \"id=\" is no setting, write id=…, hash_id=…, weight=… or state=…"},
  };
  for (const WrongCase& wrong : cases) {
    const auto endpoint = ParseEndpoint(wrong.text);
    ASSERT_FALSE(endpoint.ok()) << wrong.text;
    EXPECT_EQ(std::string(endpoint.status().message()), wrong.message);
  }
}

}  // namespace
}  // namespace fairlead::ctl
