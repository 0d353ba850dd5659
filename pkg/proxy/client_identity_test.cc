#include "pkg/proxy/client_identity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkg/proxy/test_request.h"

namespace fairlead::proxy {
namespace {

const std::vector<base::Cidr> kTrusted{*base::Cidr::Parse("10.0.0.0/8"), *base::Cidr::Parse("fd00::/8")};

base::SocketAddress Address(std::string_view text) {
  return *base::SocketAddress::Parse(text);
}

// Who asks with these header lines, connected from `peer` to a listener that trusts kTrusted.
ClientIdentity Ask(const std::string& headers, std::string_view peer,
                   std::string_view local = "192.0.2.1:8080") {
  const ParsedRequest request("GET / HTTP/1.1\r\nHost: chat.example.com\r\n" + headers + "\r\n");
  return Identify(request.head(), {.peer = Address(peer), .local = Address(local)}, kTrusted);
}

std::string IpOf(const ClientIdentity& identity) {
  return identity.ip ? identity.ip->ToString() : "";
}

TEST(Identify, AStrangerIsWhoIsConnected) {
  const ClientIdentity client = Ask("", "198.51.100.7:5555");
  EXPECT_EQ(IpOf(client), "198.51.100.7");
  EXPECT_FALSE(client.believed);
  EXPECT_EQ(client.forwarded_for, "198.51.100.7");
  EXPECT_EQ(client.proto, "http");
  EXPECT_EQ(client.host, "chat.example.com");
  EXPECT_EQ(client.port, "8080");
}

TEST(Identify, AStrangersHeadersAreNotBelieved) {
  const ClientIdentity client =
      Ask("X-Forwarded-For: 10.9.9.9\r\nX-Forwarded-Proto: https\r\n"
          "X-Forwarded-Host: bank.example.com\r\nX-Forwarded-Port: 443\r\n",
          "198.51.100.7:5555");
  EXPECT_EQ(IpOf(client), "198.51.100.7");
  EXPECT_EQ(client.forwarded_for, "198.51.100.7");
  EXPECT_EQ(client.proto, "http");
  EXPECT_EQ(client.host, "chat.example.com");
  EXPECT_EQ(client.port, "8080");
}

TEST(Identify, ATrustedProxyIsBelieved) {
  const ClientIdentity client =
      Ask("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
          "X-Forwarded-Host: www.example.com\r\nX-Forwarded-Port: 443\r\n",
          "10.1.2.3:5555");
  EXPECT_TRUE(client.believed);
  EXPECT_EQ(IpOf(client), "203.0.113.9");
  EXPECT_EQ(client.forwarded_for, "203.0.113.9, 10.1.2.3");
  EXPECT_EQ(client.proto, "https");
  EXPECT_EQ(client.host, "www.example.com");
  EXPECT_EQ(client.port, "443");
}

TEST(Identify, TheClientIsTheLastOneBeforeOurOwnProxies) {
  EXPECT_EQ(IpOf(Ask("X-Forwarded-For: 203.0.113.9, 10.0.0.1, 10.0.0.2\r\n", "10.1.2.3:5555")),
            "203.0.113.9");
  EXPECT_EQ(IpOf(Ask("X-Forwarded-For: fd00::1\r\n", "[fd00::2]:5555")), "fd00::1");
}

TEST(Identify, WhatTheClientWroteItselfIsLeftOfWhatItsProxyVouchesFor) {
  // The client sent "1.1.1.1"; the trusted proxy added the address that it saw.
  EXPECT_EQ(IpOf(Ask("X-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n", "10.1.2.3:5555")), "203.0.113.9");
  EXPECT_EQ(IpOf(Ask("X-Forwarded-For: 10.0.0.9, 203.0.113.9\r\n", "10.1.2.3:5555")), "203.0.113.9");
}

TEST(Identify, SeveralLinesAreOneList) {
  const ClientIdentity client =
      Ask("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 10.0.0.1\r\n", "10.1.2.3:5555");
  EXPECT_EQ(IpOf(client), "203.0.113.9");
  EXPECT_EQ(client.forwarded_for, "203.0.113.9, 10.0.0.1, 10.1.2.3");
}

TEST(Identify, WhatIsNoAddressEndsTheSearch) {
  EXPECT_EQ(IpOf(Ask("X-Forwarded-For: 203.0.113.9, unknown, 10.0.0.1\r\n", "10.1.2.3:5555")), "10.0.0.1");
  EXPECT_EQ(IpOf(Ask("X-Forwarded-For: unknown\r\n", "10.1.2.3:5555")), "10.1.2.3");
}

TEST(Identify, WhereAllAreOursTheFirstIsTheClient) {
  EXPECT_EQ(IpOf(Ask("X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n", "10.1.2.3:5555")), "10.0.0.1");
}

TEST(Identify, ATrustedProxyThatSaysNothingIsTheClient) {
  const ClientIdentity client = Ask("X-Forwarded-Proto:\r\n", "10.1.2.3:5555");
  EXPECT_TRUE(client.believed);
  EXPECT_EQ(IpOf(client), "10.1.2.3");
  EXPECT_EQ(client.proto, "http");
}

TEST(Identify, AMappedAddressIsTrustedAsTheIpv4AddressThatItIs) {
  const ClientIdentity client = Ask("X-Forwarded-For: 203.0.113.9\r\n", "[::ffff:10.1.2.3]:5555");
  EXPECT_TRUE(client.believed);
  EXPECT_EQ(IpOf(client), "203.0.113.9");
}

TEST(Identify, AUnixSocketSaysNothingOfTheClient) {
  const ClientIdentity client =
      Ask("X-Forwarded-For: 10.9.9.9\r\n", "unix:/client.sock", "unix:/run/fairlead.sock");
  EXPECT_EQ(client.ip, std::nullopt);
  EXPECT_FALSE(client.believed);
  EXPECT_EQ(client.forwarded_for, "");
  EXPECT_EQ(client.host, "chat.example.com");
  EXPECT_EQ(client.port, "");
}

}  // namespace
}  // namespace fairlead::proxy
