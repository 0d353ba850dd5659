#include "pkg/proxy/max_forwards.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pkg/proxy/test_request.h"

namespace fairlead::proxy {
namespace {

// The status of the proxy's own answer; 0 = the request goes on.
int Answered(std::string_view method, std::string_view fields) {
  const ParsedRequest request(fmt::format("{} / HTTP/1.1\r\nHost: a\r\n{}\r\n", method, fields));
  const auto reply = CheckMaxForwards(request.head());
  return reply ? reply->status : 0;
}

TEST(MaxForwards, EndsAtZero) {
  EXPECT_EQ(Answered("OPTIONS", "Max-Forwards: 0\r\n"), 200);
  EXPECT_EQ(Answered("TRACE", "max-forwards: 00\r\n"), 501);
  EXPECT_EQ(Answered("OPTIONS", "Max-Forwards: 1\r\n"), 0);
  EXPECT_EQ(Answered("OPTIONS", ""), 0);
}

TEST(MaxForwards, ConcernsTwoMethodsOnly) {
  EXPECT_EQ(Answered("GET", "Max-Forwards: 0\r\n"), 0);
  EXPECT_EQ(Answered("POST", "Max-Forwards: x\r\n"), 0);
}

TEST(MaxForwards, IsOneNumber) {
  for (std::string_view text : {"-1", "+1", "x", "", "1, 2", "1 2", "18446744073709551616"}) {
    EXPECT_EQ(Answered("OPTIONS", fmt::format("Max-Forwards: {}\r\n", text)), 400) << text;
  }
  EXPECT_EQ(Answered("TRACE", "Max-Forwards: 1\r\nMax-Forwards: 1\r\n"), 400);
}

TEST(MaxForwards, CountsDown) {
  for (std::string_view method : {"OPTIONS", "TRACE", "GET"}) {
    http1::Fields fields;
    fields.Add("Max-Forwards", "10");
    CountDownMaxForwards(method, &fields);
    EXPECT_EQ(fields.Get("Max-Forwards"), method == "GET" ? "10" : "9");
  }
}

}  // namespace
}  // namespace fairlead::proxy
