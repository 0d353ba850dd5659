#include "pkg/proxy_protocol/header_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/proxy_protocol/header_reader.h"

namespace fairlead::proxy_protocol {
namespace {

using base::SocketAddress;

Header Between(std::string_view source, std::string_view destination) {
  return {.source = SocketAddress::Parse(source), .destination = SocketAddress::Parse(destination)};
}

TEST(HeaderWriter, SaysAddressesAsText) {
  EXPECT_EQ(WriteV1(Between("192.0.2.1:56324", "198.51.100.2:443")),
            "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n");
  EXPECT_EQ(WriteV1(Between("[2001:db8::1]:1", "[2001:db8::2]:2")),
            "PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n");
  EXPECT_EQ(WriteV1(Between("192.0.2.1:1", "[2001:db8::2]:2")),
            "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1 2\r\n");
}

TEST(HeaderWriter, SaysUnknownWhereTextHasNoWord) {
  EXPECT_EQ(WriteV1(Between("unix:/a", "unix:/b")), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(WriteV1(Between("192.0.2.1:1", "unix:/b")), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(WriteV1({}), "PROXY UNKNOWN\r\n");
}

TEST(HeaderWriter, AMixtureHasNoAddressesInBinary) {
  const std::string bytes = WriteV2(Between("192.0.2.1:1", "unix:/b"));
  std::string_view rest = bytes;
  HeaderReader reader;
  EXPECT_EQ(reader.Next(&rest), HeaderReader::Result::kDone);
  EXPECT_EQ(reader.header(), Header());
  EXPECT_EQ(rest, "");
}

TEST(HeaderWriter, AnOwnConnectionIsLocal) {
  const std::string bytes = WriteV2({.local = true});
  std::string_view rest = bytes;
  HeaderReader reader;
  EXPECT_EQ(reader.Next(&rest), HeaderReader::Result::kDone);
  EXPECT_TRUE(reader.header().local);
}

TEST(HeaderWriter, WhatItWritesFitsItsOwnReader) {
  Header header = Between("unix:/a", "unix:/b");
  for (std::string* text : {&header.authority, &header.alpn, &header.unique_id}) text->assign(70'000, 'x');
  header.tls = TlsInfo{.version = std::string(70'000, 'v'),
                       .common_name = std::string(70'000, 'n'),
                       .cipher = std::string(70'000, 'c')};
  const std::string bytes = WriteV2(header);
  std::string_view rest = bytes;
  HeaderReader reader;
  EXPECT_EQ(reader.Next(&rest), HeaderReader::Result::kDone);
  EXPECT_EQ(reader.header().authority.size(), 255u);
}

}  // namespace
}  // namespace fairlead::proxy_protocol
