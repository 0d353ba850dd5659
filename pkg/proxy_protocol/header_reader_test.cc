#include "pkg/proxy_protocol/header_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "pkg/proxy_protocol/crc32c.h"
#include "pkg/proxy_protocol/header_writer.h"

namespace fairlead::proxy_protocol {
namespace {

using base::SocketAddress;
using std::string_literals::operator""s;
using Result = HeaderReader::Result;

struct Read {
  Result result;
  Header header;
  std::string rest;  // what it left, behind what it took of something that is no header
};

// In pieces of `piece` bytes.
Read ReadAll(std::string_view bytes, size_t piece) {
  HeaderReader reader;
  Read read{.result = Result::kNeedMore, .header = {}, .rest = {}};
  while (read.result == Result::kNeedMore && !bytes.empty()) {
    std::string_view now = bytes.substr(0, piece);
    const size_t given = now.size();
    read.result = reader.Next(&now);
    bytes.remove_prefix(given - now.size());
  }
  read.header = reader.header();
  if (read.result == Result::kAbsent) read.rest = reader.taken();
  read.rest += bytes;
  return read;
}

// However it is split, it means the same.
Read ReadAll(std::string_view bytes) {
  const Read whole = ReadAll(bytes, bytes.size());
  for (size_t piece = 1; piece < bytes.size(); ++piece) {
    const Read split = ReadAll(bytes, piece);
    EXPECT_EQ(split.result, whole.result) << piece;
    EXPECT_EQ(split.rest, whole.rest) << piece;
    EXPECT_EQ(split.header, whole.header) << piece;
  }
  return whole;
}

std::optional<SocketAddress> Address(std::string_view text) {
  return SocketAddress::Parse(text);
}

TEST(HeaderReader, ReadsTextAndNothingBehindIt) {
  const Read read = ReadAll("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET / HTTP/1.1\r\n");
  EXPECT_EQ(read.result, Result::kDone);
  EXPECT_EQ(read.header.source, Address("192.0.2.1:56324"));
  EXPECT_EQ(read.header.destination, Address("198.51.100.2:443"));
  EXPECT_EQ(read.rest, "GET / HTTP/1.1\r\n");
}

TEST(HeaderReader, ReadsTextWithIpv6) {
  const Read read = ReadAll("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n");
  EXPECT_EQ(read.result, Result::kDone);
  EXPECT_EQ(read.header.source, Address("[2001:db8::1]:1"));
  EXPECT_EQ(read.header.destination, Address("[2001:db8::2]:65535"));
}

TEST(HeaderReader, UnknownIsAHeaderWithoutAddresses) {
  for (const char* text :
       {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "PROXY UNKNOWN x\r\n"}) {
    const Read read = ReadAll(text);
    EXPECT_EQ(read.result, Result::kDone) << text;
    EXPECT_EQ(read.header, Header()) << text;
  }
}

TEST(HeaderReader, RefusesTextThatIsNotExact) {
  for (const std::string& text :
       {"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\n"s, "PROXY \r\n"s,
        "PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n"s, "PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n"s,
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n"s, "PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n"s,
        "PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n"s, "PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n"s,
        "PROXY TCP4 1.1.1.1  2.2.2.2 1 2\r\n"s, "PROXY TCP4 ::1 ::2 1 2\r\n"s,
        "PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n"s, "PROXY tcp4 1.1.1.1 2.2.2.2 1 2\r\n"s, "PROXY UNKNOWN\n"s,
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 \r\n"s, "PROXY UNKNOWN " + std::string(100, 'x') + "\r\n"}) {
    EXPECT_EQ(ReadAll(text).result, Result::kError) << text;
  }
}

TEST(HeaderReader, WhatIsNoHeaderIsLeftAsItCame) {
  for (const std::string& text : {"GET / HTTP/1.1\r\n"s, "PROXYING"s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"s,
                                  "\r\n\r\nGET /"s, "\x16\x03\x01"s}) {
    const Read read = ReadAll(text);
    EXPECT_EQ(read.result, Result::kAbsent) << text;
    EXPECT_EQ(read.rest, text);
  }
}

Header Everything() {
  return {.local = false,
          .source = Address("192.0.2.1:56324"),
          .destination = Address("198.51.100.2:443"),
          .authority = "chat.example.com",
          .alpn = "http/1.1",
          .unique_id = std::string("\0\x01id", 4),
          .tls = TlsInfo{.certificate_given = true,
                         .certificate_verified = true,
                         .version = "TLSv1.3",
                         .common_name = "someone",
                         .cipher = "TLS_AES_128_GCM_SHA256"}};
}

TEST(HeaderReader, ReadsBinaryWithEverything) {
  const Header header = Everything();
  const Read read = ReadAll(WriteV2(header) + "GET");
  EXPECT_EQ(read.result, Result::kDone);
  EXPECT_EQ(read.header, header);
  EXPECT_EQ(read.rest, "GET");
}

TEST(HeaderReader, ReadsBinaryOfEveryFamily) {
  for (const auto& [source, destination] :
       {std::pair("192.0.2.1:1", "192.0.2.2:2"), std::pair("[2001:db8::1]:1", "[2001:db8::2]:2"),
        std::pair("192.0.2.1:1", "[2001:db8::2]:2"), std::pair("unix:/run/a", "unix:/run/b")}) {
    const Header header{.source = Address(source), .destination = Address(destination)};
    EXPECT_EQ(ReadAll(WriteV2(header)).header, header);
  }
}

// The bytes as the specification draws them, and not as our writer makes them.
std::string Binary(char command, char family, std::string_view body) {
  std::string bytes = "\r\n\r\n\0\r\nQUIT\n"s;
  bytes += {command, family, static_cast<char>(body.size() >> 8), static_cast<char>(body.size())};
  return bytes.append(body);
}

TEST(HeaderReader, KnowsTheLayout) {
  const Read read =
      ReadAll(Binary(0x21, 0x11, "\xC0\x00\x02\x01\xC6\x33\x64\x02\xDC\x04\x01\xBB\x02\x00\x01h"s));
  EXPECT_EQ(read.result, Result::kDone);
  EXPECT_EQ(read.header.source, Address("192.0.2.1:56324"));
  EXPECT_EQ(read.header.destination, Address("198.51.100.2:443"));
  EXPECT_EQ(read.header.authority, "h");
}

TEST(HeaderReader, ALocalConnectionIsItsOwn) {
  const Read read = ReadAll(Binary(0x20, 0x00, ""s) + "x");
  EXPECT_EQ(read.result, Result::kDone);
  EXPECT_TRUE(read.header.local);
  EXPECT_FALSE(read.header.source);
  EXPECT_EQ(read.rest, "x");
}

TEST(HeaderReader, OtherFamiliesHaveNoAddress) {
  for (const char family : {0x00, 0x12, 0x22, 0x32, 0x55}) {
    const Read read = ReadAll(Binary(0x21, family, "anything at all"));
    EXPECT_EQ(read.result, Result::kDone);
    EXPECT_FALSE(read.header.local);
    EXPECT_FALSE(read.header.source);
  }
}

TEST(HeaderReader, RefusesBinaryThatDoesNotHold) {
  const std::string addresses = "\xC0\x00\x02\x01\xC6\x33\x64\x02\xDC\x04\x01\xBB"s;
  for (const std::string& bytes :
       {Binary(0x31, 0x11, addresses), Binary(0x22, 0x11, addresses), Binary(0x21, 0x11, addresses.substr(1)),
        Binary(0x21, 0x21, addresses), Binary(0x21, 0x31, addresses), Binary(0x21, 0x11, addresses + "\x02"s),
        Binary(0x21, 0x11, addresses + "\x02\x00\x05h"s), Binary(0x21, 0x11, addresses + "\x20\x00\x01\x01"s),
        Binary(0x21, 0x11, addresses + "\x03\x00\x04\x01\x02\x03\x04"s),
        Binary(0x21, 0x11, addresses + "\x03\x00\x01\x01"s),
        Binary(0x21, 0x11, addresses + "\x05\x00\x81"s + std::string(129, 'u')),
        Binary(0x21, 0x11, addresses + std::string(HeaderReader::kMaxBytes, '\0'))}) {
    EXPECT_EQ(ReadAll(bytes).result, Result::kError) << ::testing::PrintToString(bytes);
  }
}

TEST(HeaderReader, SkipsValuesThatItDoesNotKnow) {
  const std::string addresses = "\xC0\x00\x02\x01\xC6\x33\x64\x02\xDC\x04\x01\xBB"s;
  EXPECT_EQ(ReadAll(Binary(0x21, 0x11, addresses + "\xE0\x00\x02zz\x04\x00\x00"s)).result, Result::kDone);
}

TEST(HeaderReader, OneFlippedBitBreaksTheChecksum) {
  std::string bytes = WriteV2(Everything());
  bytes[20] = static_cast<char>(bytes[20] ^ 1);  // inside the source address
  EXPECT_EQ(ReadAll(bytes).result, Result::kError);
}

TEST(Crc32c, KnowsTheTestVectors) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720 appendix B.4
  EXPECT_EQ(Crc32c("6789", Crc32c("12345")), Crc32c("123456789"));
}

}  // namespace
}  // namespace fairlead::proxy_protocol
