#include "pkg/websocket/frame_cursor.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "pkg/websocket/test_frames.h"

namespace fairlead::websocket {
namespace {

using Step = FrameCursor::Step;

constexpr Sender kBoth[] = {Sender::kClient, Sender::kServer};

std::string Bytes(std::initializer_list<int> bytes) {
  return {bytes.begin(), bytes.end()};
}

// One of everything that may be.
std::string Conversation(Sender sender) {
  const auto frame = [sender](Opcode opcode, size_t size, bool fin = true, bool rsv1 = false) {
    return Frame(sender, opcode, std::string(size, 'x'), fin, rsv1);
  };
  return frame(Opcode::kText, 0) + frame(Opcode::kText, 5) + frame(Opcode::kBinary, 125) +
         frame(Opcode::kBinary, 126) + frame(Opcode::kPing, 0) + frame(Opcode::kText, 3, false) +
         frame(Opcode::kPong, 125) + frame(Opcode::kContinuation, 0, false) +
         frame(Opcode::kContinuation, 300, true) + frame(Opcode::kText, 7, true, true) +
         frame(Opcode::kBinary, 2, false, true) + frame(Opcode::kContinuation, 1) +
         frame(Opcode::kText, 65535) + frame(Opcode::kText, 65536) + frame(Opcode::kClose, 2);
}

TEST(FrameCursor, SeesWhatTheSlowReaderSees) {
  for (const Sender sender : kBoth) {
    const Seen expected = ReadFrames(sender, Conversation(sender));
    ASSERT_FALSE(expected.nonsense);
    EXPECT_EQ(expected.frames.size(), 15u);
    EXPECT_EQ(Walk(sender, Conversation(sender), {}), expected);
  }
}

TEST(FrameCursor, SplitsDoNotMatterWhereverTheyAre) {
  for (const Sender sender : kBoth) {
    const std::string stream = Conversation(sender).substr(0, 1200);
    const Seen expected = ReadFrames(sender, stream);
    EXPECT_EQ(Walk(sender, stream, {1}), expected);
    for (size_t at = 1; at < stream.size(); ++at) {
      ASSERT_EQ(Walk(sender, stream, {at, stream.size() - at}), expected) << at;
    }
  }
}

TEST(FrameCursor, RandomPiecesDoNotMatter) {
  std::mt19937 random(7);
  for (const Sender sender : kBoth) {
    const std::string stream = Conversation(sender);
    const Seen expected = ReadFrames(sender, stream);
    for (int round = 0; round < 200; ++round) {
      std::vector<size_t> cuts(1 + random() % 50);
      for (size_t& cut : cuts) cut = 1 + (random() % 4 == 0 ? random() % 40000 : random() % 8);
      ASSERT_EQ(Walk(sender, stream, cuts), expected) << round;
    }
  }
}

TEST(FrameCursor, KnowsItsBoundaries) {
  FrameCursor cursor(Sender::kServer);
  EXPECT_TRUE(cursor.at_boundary());
  std::string_view in =
      "\x01\x03"
      "ab";
  EXPECT_EQ(cursor.Next(&in), Step::kBegin);
  EXPECT_TRUE(in.empty());
  EXPECT_FALSE(cursor.at_boundary());
  EXPECT_TRUE(cursor.in_payload());
  EXPECT_EQ(cursor.payload_left(), 1u);
  in = "c\x89";
  EXPECT_EQ(cursor.Next(&in), Step::kEnd);
  EXPECT_TRUE(cursor.at_boundary()) << "between fragments";
  EXPECT_EQ(cursor.Next(&in), Step::kMore);
  EXPECT_FALSE(cursor.at_boundary()) << "in a header";
  EXPECT_FALSE(cursor.in_payload());
}

TEST(FrameCursor, KnowsUsualMessagesAtAGlance) {
  for (const Sender sender : kBoth) {
    const auto message_in = [&](std::string_view in) { return MessageIn(sender, in); };
    EXPECT_TRUE(message_in(Frame(sender, Opcode::kText, "abc", true, true))->text);
    EXPECT_FALSE(message_in(Frame(sender, Opcode::kBinary, "abc"))->text);
    for (const size_t size : {1, 2, 3, 125, 126, 127, 255, 256, 65535}) {
      const std::string frame = Frame(sender, Opcode::kBinary, std::string(size, 'x'));
      ASSERT_TRUE(message_in(frame)) << size;
      EXPECT_EQ(message_in(frame)->size, size);
      EXPECT_FALSE(message_in(frame + "y")) << size;
      EXPECT_FALSE(message_in(frame.substr(0, frame.size() - 1))) << size;
    }
    EXPECT_FALSE(message_in(Frame(sender, Opcode::kBinary, std::string(65536, 'x'))));
  }
}

// Whatever the first two bytes are, and however long the input.
TEST(FrameCursor, TakesNothingElseForAMessage) {
  for (const Sender sender : kBoth) {
    const size_t longer = sender == Sender::kClient ? 8 : 4;  // a header with an extended length
    for (const size_t size : {1, 2, 3, 4, 5, 6, 7, 70, 127, 128, 129, 130, 131, 132, 133, 134, 135, 300}) {
      std::string in(size, '\0');
      if (size > longer)
        in[2] = static_cast<char>((size - longer) >> 8), in[3] = static_cast<char>(size - longer);
      for (int first_two = 0; first_two < 65536; ++first_two) {
        in[0] = static_cast<char>(first_two >> 8);
        if (size > 1) in[1] = static_cast<char>(first_two);
        ASSERT_EQ(MessageIn(sender, in).has_value(), IsOneMessage(sender, in)) << size << " " << first_two;
      }
    }
  }
}

TEST(FrameCursor, KnowsWhetherAMessageIsUnderWay) {
  FrameCursor cursor(Sender::kServer);
  EXPECT_TRUE(cursor.before_message());
  const std::string stream = ServerFrame(Opcode::kText, "x", false) + ServerFrame(Opcode::kContinuation, "y");
  std::string_view in = stream;
  cursor.Next(&in);
  EXPECT_FALSE(cursor.before_message());
  cursor.Next(&in);
  EXPECT_TRUE(cursor.before_message());
}

TEST(FrameCursor, AControlFrameInsideAMessageIsNoPartOfIt) {
  FrameCursor cursor(Sender::kServer);
  const std::string stream =
      ServerFrame(Opcode::kBinary, "abc", false) + ServerFrame(Opcode::kPing, "0123456789");
  std::string_view in = stream;
  EXPECT_EQ(cursor.Next(&in), Step::kWhole);
  EXPECT_EQ(cursor.Next(&in), Step::kWhole);
  EXPECT_EQ(cursor.opcode(), Opcode::kPing);
  EXPECT_EQ(cursor.message_size(), 3u);
  const std::string last = ServerFrame(Opcode::kContinuation, "de");
  in = last;
  EXPECT_EQ(cursor.Next(&in), Step::kWhole);
  EXPECT_EQ(cursor.message_size(), 5u);
  EXPECT_EQ(cursor.message_opcode(), Opcode::kBinary);
}

// The stream turns into nonsense with its last byte, and not before.
void ExpectNonsense(Sender sender, const std::string& stream) {
  const std::string_view before = std::string_view(stream).substr(0, stream.size() - 1);
  EXPECT_TRUE(Walk(sender, stream, {}).nonsense) << testing::PrintToString(stream);
  EXPECT_TRUE(Walk(sender, stream, {1}).nonsense) << testing::PrintToString(stream);
  EXPECT_FALSE(Walk(sender, before, {1}).nonsense) << testing::PrintToString(stream);
}

TEST(FrameCursor, RejectsReservedBits) {
  ExpectNonsense(Sender::kServer, Bytes({0xA1}));
  ExpectNonsense(Sender::kServer, Bytes({0x91}));
  EXPECT_FALSE(Walk(Sender::kServer, Bytes({0xC1, 0}), {}).nonsense) << "RSV1 is permessage-deflate's";
}

TEST(FrameCursor, RejectsReservedOpcodes) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    ExpectNonsense(Sender::kServer, Bytes({0x80 | opcode}));
  }
}

TEST(FrameCursor, RejectsFragmentedAndLongControlFrames) {
  for (const int opcode : {8, 9, 10}) {
    ExpectNonsense(Sender::kServer, Bytes({opcode}));
    ExpectNonsense(Sender::kServer, Bytes({0x80 | opcode, 126}));
    ExpectNonsense(Sender::kClient, Bytes({0x80 | opcode, 0x80 | 127}));
  }
}

TEST(FrameCursor, RejectsTheWrongMask) {
  ExpectNonsense(Sender::kServer, Bytes({0x81, 0x80}));
  ExpectNonsense(Sender::kClient, Bytes({0x81, 0x00}));
  ExpectNonsense(Sender::kClient, Bytes({0x81, 0x7E}));
}

TEST(FrameCursor, RejectsBadContinuations) {
  ExpectNonsense(Sender::kServer, Bytes({0x80}));
  ExpectNonsense(Sender::kServer, Bytes({0x00}));
  ExpectNonsense(Sender::kServer, Bytes({0x01, 0, 0x81}));
  ExpectNonsense(Sender::kServer, Bytes({0x01, 0, 0x89, 0, 0x02}));
  ExpectNonsense(Sender::kServer, Bytes({0x01, 0, 0x80, 0, 0x80}));
}

TEST(FrameCursor, RejectsLengthsThatAreNotTheShortestOrTooLong) {
  ExpectNonsense(Sender::kServer, Bytes({0x82, 126, 0, 125}));
  ExpectNonsense(Sender::kServer, Bytes({0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}));
  ExpectNonsense(Sender::kClient, Bytes({0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(
      Walk(Sender::kServer, Bytes({0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2}), {})
          .nonsense);
}

TEST(FrameCursor, AgreesWithTheSlowReaderOnRubbish) {
  std::mt19937 random(11);
  const std::string whole[] = {Conversation(kBoth[0]).substr(0, 700), Conversation(kBoth[1]).substr(0, 700)};
  for (int round = 0; round < 20000; ++round) {
    const Sender sender = kBoth[round % 2];
    std::string stream = whole[round % 2];
    stream.resize(random() % stream.size());
    for (int i = 0; i < 2 && !stream.empty(); ++i)
      stream[random() % stream.size()] = static_cast<char>(random());
    const Seen expected = ReadFrames(sender, stream);
    ASSERT_EQ(Walk(sender, stream, {1 + random() % 9, 1 + random() % 99}), expected) << round;
  }
}

}  // namespace
}  // namespace fairlead::websocket
