#include "pkg/demo/frame.h"

#include <gtest/gtest.h>

namespace fairlead::demo {
namespace {

using namespace std::string_literals;

std::string HeaderOf(size_t payload_bytes) {
  const std::string payload(payload_bytes, 'x');
  std::string out;
  AppendFrame({.final = true, .opcode = Opcode::kBinary, .payload = payload}, &out);
  EXPECT_EQ(out.substr(out.size() - payload_bytes), payload);
  return out.substr(0, out.size() - payload_bytes);
}

TEST(AppendFrame, WritesTheLengthInTheFewestBytes) {
  EXPECT_EQ(HeaderOf(0), "\x82\x00"s);
  EXPECT_EQ(HeaderOf(125), "\x82\x7d"s);
  EXPECT_EQ(HeaderOf(126), "\x82\x7e\x00\x7e"s);
  EXPECT_EQ(HeaderOf(65535), "\x82\x7e\xff\xff"s);
  EXPECT_EQ(HeaderOf(65536), "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(AppendFrame, AppendsFragmentsAsFragments) {
  std::string out = "before";
  AppendFrame({.final = false, .opcode = Opcode::kText, .payload = "a"}, &out);
  AppendFrame({.final = true, .opcode = Opcode::kContinuation, .payload = "b"}, &out);
  EXPECT_EQ(out, "before\x01\x01"s + "a\x80\x01"s + "b");
}

TEST(AppendClose, CarriesTheCode) {
  std::string out;
  AppendClose(CloseCode::kTooBig, &out);
  EXPECT_EQ(out, "\x88\x02\x03\xf1"s);
}

}  // namespace
}  // namespace fairlead::demo
