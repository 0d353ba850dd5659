#include "pkg/base/address.h"

#include <gtest/gtest.h>

namespace fairlead::base {
namespace {

TEST(IpAddress, FoldsMappedAddresses) {
  EXPECT_EQ(IpAddress::Parse("::ffff:192.0.2.7"), IpAddress::Parse("192.0.2.7"));
  EXPECT_TRUE(IpAddress::Parse("::ffff:192.0.2.7")->is_v4());
  EXPECT_EQ(IpAddress::Parse("2001:db8::1")->ToString(), "2001:db8::1");
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  for (std::string_view text : {"", "1.2.3", "1.2.3.4.5", "[::1]", "::1%lo", "host", "1.2.3.4 "}) {
    EXPECT_FALSE(IpAddress::Parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(Cidr, ContainsItsPrefixOnly) {
  const Cidr ten = *Cidr::Parse("10.0.0.0/8");
  EXPECT_TRUE(ten.Contains(*IpAddress::Parse("10.255.0.1")));
  EXPECT_TRUE(ten.Contains(*IpAddress::Parse("::ffff:10.1.2.3")));
  EXPECT_FALSE(ten.Contains(*IpAddress::Parse("11.0.0.1")));
  EXPECT_FALSE(ten.Contains(*IpAddress::Parse("a00::1")));
  const Cidr odd = *Cidr::Parse("192.0.2.128/25");
  EXPECT_TRUE(odd.Contains(*IpAddress::Parse("192.0.2.200")));
  EXPECT_FALSE(odd.Contains(*IpAddress::Parse("192.0.2.100")));
  EXPECT_TRUE(Cidr::Parse("0.0.0.0/0")->Contains(*IpAddress::Parse("203.0.113.9")));
}

TEST(Cidr, RefusesBadLengthsAndHostBits) {
  for (std::string_view text :
       {"10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/ 8", "10.0.0.0/08", "::/129"}) {
    EXPECT_FALSE(Cidr::Parse(text)) << text;
  }
}

TEST(SocketAddress, RoundTripsThroughTextAndNative) {
  for (std::string_view text : {"127.0.0.1:8080", "[::1]:0", "[2001:db8::2]:65535", "unix:/run/app.sock"}) {
    const std::optional<SocketAddress> address = SocketAddress::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->ToString(), text);
    sockaddr_storage native;
    const socklen_t length = address->ToNative(&native);
    EXPECT_EQ(SocketAddress::FromNative(native, length), *address);
  }
}

TEST(SocketAddress, RefusesWhatCannotBeBound) {
  for (std::string_view text :
       {"127.0.0.1", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80", "localhost:80", ":80",
        "unix:", "unix:relative", "127.0.0.1:+80", "127.0.0.1:080", "127.0.0.1:00", "[::1]:0443"}) {
    EXPECT_FALSE(SocketAddress::Parse(text)) << text;
  }
  EXPECT_TRUE(SocketAddress::Parse("unix:/" + std::string(106, 'a')));
  EXPECT_FALSE(SocketAddress::Parse("unix:/" + std::string(107, 'a')));
}

}  // namespace
}  // namespace fairlead::base
