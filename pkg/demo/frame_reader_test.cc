#include "pkg/demo/frame_reader.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "pkg/demo/client_frame.h"

namespace fairlead::demo {
namespace {

using namespace std::string_literals;

struct Read {
  bool final;
  Opcode opcode;
  std::string payload;

  friend bool operator==(const Read& a, const Read& b) {
    return std::tie(a.final, a.opcode, a.payload) == std::tie(b.final, b.opcode, b.payload);
  }
};

// Feeds the bytes in pieces of that size and gathers what comes out.
struct Result {
  std::vector<Read> frames;
  std::optional<CloseCode> error;

  explicit Result(std::string_view bytes, size_t piece = std::string_view::npos) {
    FrameReader reader;
    while (!bytes.empty() && !error) {
      std::string_view in = bytes.substr(0, piece);
      bytes.remove_prefix(in.size());
      Drain(reader, &in);
    }
  }

 private:
  void Drain(FrameReader& reader, std::string_view* in) {
    while (true) {
      switch (reader.Next(in)) {
        case FrameReader::Event::kNeedMore:
          EXPECT_TRUE(in->empty());
          return;
        case FrameReader::Event::kError:
          error = reader.error();
          return;
        case FrameReader::Event::kFrame:
          frames.push_back(
              {reader.frame().final, reader.frame().opcode, std::string(reader.frame().payload)});
      }
    }
  }
};

// A frame with the first two bytes as given, then these and a mask of zeros.
std::optional<CloseCode> ErrorOf(std::string_view start, std::string_view rest = "") {
  return Result(std::string(start) + std::string(rest) + "\0\0\0\0"s + "xxxx").error;
}

TEST(FrameReader, FindsTheSameFramesHoweverTheBytesAreSplit) {
  const std::string medium(300, 'm');
  const std::string large(70'000, 'l');
  const std::string bytes =
      ClientFrame({true, Opcode::kText, "hello"}) + ClientFrame({true, Opcode::kBinary, medium}) +
      ClientFrame({false, Opcode::kText, "frag"}) + ClientFrame({true, Opcode::kPing, "p"}) +
      ClientFrame({true, Opcode::kContinuation, ""}) + ClientFrame({true, Opcode::kPong, ""}) +
      ClientFrame({true, Opcode::kBinary, large}) + ClientFrame({true, Opcode::kClose, "\x03\xe8 bye"});
  const std::vector<Read> expected = {
      {true, Opcode::kText, "hello"}, {true, Opcode::kBinary, medium},        {false, Opcode::kText, "frag"},
      {true, Opcode::kPing, "p"},     {true, Opcode::kContinuation, ""},      {true, Opcode::kPong, ""},
      {true, Opcode::kBinary, large}, {true, Opcode::kClose, "\x03\xe8 bye"},
  };
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{4096}, bytes.size()}) {
    const Result result(bytes, piece);
    EXPECT_EQ(result.frames, expected) << "in pieces of " << piece;
    EXPECT_FALSE(result.error);
  }
}

TEST(FrameReader, LeavesWhatFollowsAFrameInItsInput) {
  const std::string bytes = ClientFrame({true, Opcode::kText, "a"}) + "rest";
  std::string_view in = bytes;
  FrameReader reader;
  EXPECT_EQ(reader.Next(&in), FrameReader::Event::kFrame);
  EXPECT_EQ(in, "rest");
}

TEST(FrameReader, RefusesBrokenHeaders) {
  EXPECT_EQ(ErrorOf("\x81\x04"), CloseCode::kProtocolError) << "not masked";
  for (const char* start : {"\xc1\x84", "\xa1\x84", "\x91\x84"}) {
    EXPECT_EQ(ErrorOf(start), CloseCode::kProtocolError) << "a reserved bit";
  }
  for (const char* start : {"\x83\x84", "\x87\x84", "\x8b\x84", "\x8f\x84"}) {
    EXPECT_EQ(ErrorOf(start), CloseCode::kProtocolError) << "a reserved opcode";
  }
  EXPECT_EQ(ErrorOf("\x09\x84"), CloseCode::kProtocolError) << "a control frame in fragments";
  EXPECT_EQ(ErrorOf("\x89\xfe", "\x00\x7e"s), CloseCode::kProtocolError) << "a control frame of 126 bytes";
}

TEST(FrameReader, RefusesLengthsThatAreNotTheShortest) {
  EXPECT_EQ(ErrorOf("\x81\xfe", "\x00\x7d"s), CloseCode::kProtocolError);
  EXPECT_EQ(ErrorOf("\x81\xff", "\0\0\0\0\0\0\xff\xff"s), CloseCode::kProtocolError);
  EXPECT_EQ(ErrorOf("\x81\xff", "\x80\0\0\0\0\0\0\0"s), CloseCode::kProtocolError) << "the first bit is set";
}

TEST(FrameReader, TakesAFrameOfTheLimitAndNoLonger) {
  const std::string limit(FrameReader::kMaxPayloadBytes, 'x');
  const Result fits(ClientFrame({true, Opcode::kBinary, limit}), 64 * 1024);
  ASSERT_EQ(fits.frames.size(), 1u);
  EXPECT_EQ(fits.frames[0].payload, limit);
  // Refused by its header: nothing of the payload has to come.
  EXPECT_EQ(Result("\x82\xff\0\0\0\0\0\x10\0\x01"s).error, CloseCode::kTooBig);
  EXPECT_EQ(Result("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s).error, CloseCode::kTooBig);
}

TEST(FrameReader, RefusesFragmentsOutOfOrder) {
  EXPECT_EQ(Result(ClientFrame({true, Opcode::kContinuation, "x"})).error, CloseCode::kProtocolError);
  EXPECT_EQ(Result(ClientFrame({false, Opcode::kText, "x"}) + ClientFrame({true, Opcode::kText, "y"})).error,
            CloseCode::kProtocolError);
  EXPECT_EQ(
      Result(ClientFrame({false, Opcode::kText, "x"}) + ClientFrame({true, Opcode::kContinuation, "y"}) +
             ClientFrame({true, Opcode::kContinuation, "z"}))
          .error,
      CloseCode::kProtocolError);
}

TEST(FrameReader, RefusesCloseCodesThatMayNotBeSent) {
  const auto error_of = [](unsigned code) {
    const std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
    return Result(ClientFrame({true, Opcode::kClose, payload})).error;
  };
  for (const unsigned code : {0u, 999u, 1004u, 1005u, 1006u, 1015u, 2999u, 5000u, 65535u}) {
    EXPECT_EQ(error_of(code), CloseCode::kProtocolError) << code;
  }
  for (const unsigned code : {1000u, 1001u, 1003u, 1007u, 1014u, 3000u, 4999u})
    EXPECT_FALSE(error_of(code)) << code;
  EXPECT_FALSE(Result(ClientFrame({true, Opcode::kClose, ""})).error);
  EXPECT_EQ(Result(ClientFrame({true, Opcode::kClose, "x"})).error, CloseCode::kProtocolError);
}

TEST(FrameReader, SaysNothingElseAfterAnError) {
  FrameReader reader;
  std::string_view bad = "\x81\x04";
  EXPECT_EQ(reader.Next(&bad), FrameReader::Event::kError);
  const std::string good = ClientFrame({true, Opcode::kText, "a"});
  std::string_view in = good;
  EXPECT_EQ(reader.Next(&in), FrameReader::Event::kError);
  EXPECT_EQ(reader.error(), CloseCode::kProtocolError);
}

}  // namespace
}  // namespace fairlead::demo
