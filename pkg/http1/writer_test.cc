#include "pkg/http1/writer.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::http1 {
namespace {

TEST(AppendRequestHead, WritesLinesInOrder) {
  Fields fields;
  fields.Add("Host", "a");
  fields.Add("x-empty", "");
  std::string out = "before ";
  AppendRequestHead("GET", "/p?q", fields, &out);
  EXPECT_EQ(out, "before GET /p?q HTTP/1.1\r\nHost: a\r\nx-empty: \r\n\r\n");
}

TEST(AppendResponseHead, FindsTheReasonWhereNoneIsGiven) {
  std::string out;
  AppendResponseHead(431, "", {}, &out);
  EXPECT_EQ(out, "HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n");
  out.clear();
  Fields fields;
  fields.Add("A", "b");
  AppendResponseHead(200, "Fine", fields, &out);
  EXPECT_EQ(out, "HTTP/1.1 200 Fine\r\nA: b\r\n\r\n");
  out.clear();
  AppendResponseHead(799, "", {}, &out);
  EXPECT_EQ(out, "HTTP/1.1 799 \r\n\r\n");
}

}  // namespace
}  // namespace fairlead::http1
