#include "pkg/http1/hop_by_hop.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace fairlead::http1 {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines Forward(const Lines& lines, Framing onward = Framing::kNone) {
  Fields from, to;
  for (const auto& [name, value] : lines) from.Add(name, value);
  CopyEndToEnd(from, onward, &to);
  Lines out;
  for (const Field& line : to) out.emplace_back(line.name, line.value);
  return out;
}

TEST(CopyEndToEnd, PassesEndToEndFieldsInOrder) {
  const Lines lines = {
      {"Host", "a"}, {"Cookie", "1"}, {"cookie", "2"}, {"Sec-WebSocket-Key", "k"}, {"X", ""}};
  EXPECT_EQ(Forward(lines), lines);
}

TEST(CopyEndToEnd, StripsHopByHopFieldsInAnyCase) {
  EXPECT_EQ(Forward({{"CONNECTION", "close"},
                     {"keep-alive", "timeout=5"},
                     {"Proxy-Connection", "keep-alive"},
                     {"TE", "gzip"},
                     {"Trailer", "X"},
                     {"Transfer-Encoding", "chunked"},
                     {"Upgrade", "websocket"},
                     {"Proxy-Authenticate", "Basic"},
                     {"Proxy-Authorization", "Basic x"},
                     {"Content-Length", "5"},
                     {"Connections", "kept"}}),
            (Lines{{"Connections", "kept"}}));
}

TEST(CopyEndToEnd, StripsWhatConnectionNamesButNeverHost) {
  EXPECT_EQ(Forward({{"Host", "a"},
                     {"X-Hop", "1"},
                     {"Connection", "keep-alive, x-hop"},
                     {"x-hop", "2"},
                     {"connection", "host , HTTP2-Settings"},
                     {"HTTP2-Settings", "x"},
                     {"X-Hops", "kept"}}),
            (Lines{{"Host", "a"}, {"X-Hops", "kept"}}));
}

TEST(CopyEndToEnd, KeepsTrailersAnnouncedWhereTheyCanFollow) {
  EXPECT_EQ(Forward({{"Trailer", "X-Sum"}}, Framing::kChunked), (Lines{{"Trailer", "X-Sum"}}));
  EXPECT_EQ(Forward({{"Trailer", "X-Sum"}}, Framing::kUntilClose), Lines{});
}

TEST(CopyEndToEnd, KeepsTheWishForTrailersAlone) {
  EXPECT_EQ(Forward({{"te", "gzip;q=0.5, trailers"}, {"Connection", "te"}}), (Lines{{"TE", "trailers"}}));
  EXPECT_EQ(Forward({{"te", "gzip"}, {"te", "Trailers"}}), (Lines{{"TE", "trailers"}}));
}

TEST(AddConnection, NamesTeBesideTheOption) {
  Fields plain, te;
  AddConnection("", &plain);
  EXPECT_TRUE(plain.empty());
  AddConnection("close", &plain);
  EXPECT_EQ(plain.Get("connection"), "close");
  te.Add("TE", "trailers");
  AddConnection("upgrade", &te);
  EXPECT_EQ(te.Get("connection"), "upgrade, TE");
  Fields alone;
  alone.Add("TE", "trailers");
  AddConnection("", &alone);
  EXPECT_EQ(alone.Get("connection"), "TE");
}

TEST(MayBeTrailer, KeepsToWhatCannotChangeTheMessage) {
  for (std::string_view name : {"X-Checksum", "grpc-status", "Server-Timing", "ETag", "Digest"}) {
    EXPECT_TRUE(MayBeTrailer(name)) << name;
  }
  for (std::string_view name :
       {"Host", "content-length", "Transfer-Encoding", "Connection", "Authorization", "Set-Cookie",
        "X-Forwarded-For", "Forwarded", "If-Match", "Sec-WebSocket-Accept"}) {
    EXPECT_FALSE(MayBeTrailer(name)) << name;
  }
}

}  // namespace
}  // namespace fairlead::http1
