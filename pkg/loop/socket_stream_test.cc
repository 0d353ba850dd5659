#include "pkg/loop/socket_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "pkg/base/random.h"
#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_recorder.h"
#include "pkg/loop/test_turns.h"

namespace fairlead::loop {
namespace {

using stream::PauseReason;
using stream::WriteResult;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kMore = 8 << 20;  // bytes: more than the kernel keeps for a connection

std::string RandomBytes(size_t size) {
  base::Random random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class SocketStreamTest : public ::testing::TestWithParam<Peer::Transport> {
 protected:
  SocketStreamTest() : SocketStreamTest(Peer::Pair(GetParam())) {}

  // Until all that was sent so far has arrived at the peer, or would have.
  void AwaitPeer(absl::FunctionRef<bool()> done) {
    RunUntil(loop_, [&] {
      peer_.Receive();
      return done();
    });
  }

  Loop loop_;
  Recorder recorder_;
  std::unique_ptr<SocketStream> stream_;
  Peer peer_;

 private:
  explicit SocketStreamTest(Peer::Sockets sockets)
      : stream_(*SocketStream::Adopt(loop_, sockets.near)), peer_(sockets.far) {
    stream_->SetDelegate(&recorder_);
  }
};

TEST_P(SocketStreamTest, ReadsNothingBeforeStart) {
  peer_.Send("early");
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, IsEmpty());
  stream_->Start();
  EXPECT_THAT(recorder_.events, IsEmpty());
  RunUntil(loop_, [&] { return recorder_.data == "early"; });
}

TEST_P(SocketStreamTest, ReadsOnlyWhileNoReasonToPauseIsLeft) {
  stream_->Pause(PauseReason::kHeld);
  stream_->Pause(PauseReason::kPeerFull);
  stream_->Start();
  peer_.Send("x");
  RunIdle(loop_);
  stream_->Resume(PauseReason::kPeerFull);
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, IsEmpty());
  stream_->Resume(PauseReason::kHeld);
  EXPECT_THAT(recorder_.events, IsEmpty());
  RunUntil(loop_, [&] { return recorder_.data == "x"; });
}

TEST_P(SocketStreamTest, APauseInsideOnDataHoldsAtOnce) {
  stream_->Start();
  recorder_.on_data = [&](std::string_view) { stream_->Pause(PauseReason::kPeerFull); };
  const size_t sent = peer_.Send(std::string(3 * Loop::kReadBufferBytes, 'x'));
  ASSERT_GT(sent, Loop::kReadBufferBytes);
  RunUntil(loop_, [&] { return !recorder_.data.empty(); });
  const size_t first = recorder_.data.size();
  RunIdle(loop_);
  EXPECT_EQ(recorder_.data.size(), first);
  EXPECT_LE(first, Loop::kReadBufferBytes);
  recorder_.on_data = nullptr;
  stream_->Resume(PauseReason::kPeerFull);
  RunUntil(loop_, [&] { return recorder_.data.size() == sent; });
}

TEST_P(SocketStreamTest, APausedStreamReportsItsEndOnlyWhenResumed) {
  stream_->Start();
  stream_->Pause(PauseReason::kPeerFull);
  peer_.Send("last");
  peer_.End();
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, IsEmpty());
  stream_->Resume(PauseReason::kPeerFull);
  RunUntil(loop_, [&] { return recorder_.Saw("end"); });
  EXPECT_THAT(recorder_.events, ElementsAre("data", "end"));
}

TEST_P(SocketStreamTest, APauseInsideOnDataHoldsBackAnEndThatCameWithTheBytes) {
  stream_->Start();
  recorder_.on_data = [&](std::string_view) { stream_->Pause(PauseReason::kPeerFull); };
  peer_.Send("last");
  peer_.Close();
  RunUntil(loop_, [&] { return recorder_.data == "last"; });
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("data"));
  stream_->Resume(PauseReason::kPeerFull);
  RunUntil(loop_, [&] { return recorder_.Saw("end"); });
  EXPECT_THAT(recorder_.events, ElementsAre("data", "end"));
}

TEST_P(SocketStreamTest, APauseInsideOnDataHoldsBackAResetThatCameBehindTheBytes) {
  stream_->Write("never read");
  RunIdle(loop_);
  stream_->Start();
  recorder_.on_data = [&](std::string_view) { stream_->Pause(PauseReason::kPeerFull); };
  peer_.Send("last");
  peer_.Close();
  RunUntil(loop_, [&] { return recorder_.data == "last" || !recorder_.events.empty(); });
  RunIdle(loop_);
  EXPECT_FALSE(recorder_.Saw("reset"));
  EXPECT_FALSE(recorder_.Saw("end"));
  stream_->Resume(PauseReason::kPeerFull);
  RunUntil(loop_, [&] { return recorder_.Saw("reset") || recorder_.Saw("end"); });
}

TEST_P(SocketStreamTest, AWriteThatTheKernelTakesIsFlushedAtOnce) {
  EXPECT_EQ(stream_->Write("one"), WriteResult::kFlushed);
  EXPECT_EQ(stream_->Write(""), WriteResult::kFlushed);
  EXPECT_EQ(stream_->Write("two"), WriteResult::kFlushed);
  EXPECT_EQ(stream_->buffered(), 0u);
  AwaitPeer([&] { return peer_.received == "onetwo"; });
  EXPECT_THAT(recorder_.events, IsEmpty());
}

TEST_P(SocketStreamTest, KeepsWhatTheKernelDoesNotTakeAndSaysWhenItIsGone) {
  const std::string bytes = RandomBytes(kMore);
  EXPECT_EQ(stream_->Write(bytes), WriteResult::kBuffered);
  EXPECT_EQ(stream_->Write("behind"), WriteResult::kBuffered);
  EXPECT_GT(stream_->buffered(), 0u);
  EXPECT_GE(loop_.buffered_bytes(), stream_->buffered());
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, IsEmpty());
  AwaitPeer([&] { return recorder_.Saw("flushed"); });
  EXPECT_EQ(stream_->buffered(), 0u);
  EXPECT_EQ(loop_.buffered_bytes(), 0u);
  AwaitPeer([&] { return peer_.received.size() == kMore + 6; });
  EXPECT_TRUE(peer_.received == bytes + "behind");
  EXPECT_THAT(recorder_.events, ElementsAre("flushed"));
}

TEST_P(SocketStreamTest, WhatIsBufferedShrinksAsThePeerReads) {
  stream_->Write(std::string(kMore, 'x'));
  size_t before = stream_->buffered();
  int progress = 0;
  std::string piece(1 << 18, '\0');
  RunUntil(loop_, [&] {
    ::recv(peer_.fd(), piece.data(), piece.size(), MSG_DONTWAIT);
    EXPECT_LE(stream_->buffered(), before);
    if (stream_->buffered() < before) ++progress;
    before = stream_->buffered();
    return before == 0;
  });
  EXPECT_GT(progress, 1);
}

TEST_P(SocketStreamTest, EndsBehindTheBytesThatWereBuffered) {
  const std::string bytes = RandomBytes(kMore);
  stream_->Write(bytes);
  stream_->End();
  stream_->End();
  AwaitPeer([&] { return peer_.ended; });
  EXPECT_TRUE(peer_.received == bytes);
  EXPECT_THAT(recorder_.events, ElementsAre("flushed"));
}

TEST_P(SocketStreamTest, SendsItsLastBytesAndCloses) {
  stream_->Start();
  stream_->Write("good");
  stream_->WriteLast("bye");
  stream_.reset();
  AwaitPeer([&] { return peer_.ended; });
  EXPECT_EQ(peer_.received, "goodbye");
}

TEST_P(SocketStreamTest, HasNoRoomForLastBytesBehindWhatIsBuffered) {
  const std::string bytes = RandomBytes(kMore);
  stream_->Start();
  EXPECT_EQ(stream_->Write(bytes), WriteResult::kBuffered);
  stream_->WriteLast("bye");
  stream_.reset();
  AwaitPeer([&] { return peer_.ended || peer_.reset; });
  EXPECT_TRUE(bytes.starts_with(peer_.received));
}

TEST_P(SocketStreamTest, StillReadsAfterItsOwnEnd) {
  stream_->Start();
  stream_->Write("bye");
  stream_->End();
  AwaitPeer([&] { return peer_.ended; });
  EXPECT_EQ(peer_.received, "bye");
  peer_.Send("not yet");
  RunUntil(loop_, [&] { return recorder_.data == "not yet"; });
  peer_.End();
  RunUntil(loop_, [&] { return recorder_.Saw("end"); });
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("data", "end"));
}

TEST_P(SocketStreamTest, StillWritesAfterThePeersEnd) {
  stream_->Start();
  peer_.Send("question");
  peer_.End();
  RunUntil(loop_, [&] { return recorder_.Saw("end"); });
  const std::string answer = RandomBytes(kMore);
  EXPECT_EQ(stream_->Write(answer), WriteResult::kBuffered);
  stream_->End();
  AwaitPeer([&] { return peer_.ended; });
  EXPECT_TRUE(peer_.received == answer);
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("data", "end", "flushed"));
}

TEST_P(SocketStreamTest, PausingAndResumingAfterTheEndReportsItNoSecondTime) {
  stream_->Start();
  peer_.End();
  RunUntil(loop_, [&] { return recorder_.Saw("end"); });
  stream_->Pause(PauseReason::kPeerFull);
  stream_->Resume(PauseReason::kPeerFull);
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("end"));
}

TEST_P(SocketStreamTest, CallsNobodyAfterItsDestruction) {
  stream_->Start();
  stream_->Write(std::string(kMore, 'x'));
  peer_.Send("unread");
  stream_.reset();
  EXPECT_EQ(loop_.buffered_bytes(), 0u);
  AwaitPeer([&] { return peer_.ended || peer_.reset; });
  EXPECT_THAT(recorder_.events, IsEmpty());
}

TEST_P(SocketStreamTest, MayBeDestroyedInOnData) {
  stream_->Start();
  recorder_.on_data = [&](std::string_view) { stream_.reset(); };
  peer_.Send(std::string(3 * Loop::kReadBufferBytes, 'x'));
  peer_.End();
  RunUntil(loop_, [&] { return stream_ == nullptr; });
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("data"));
}

TEST_P(SocketStreamTest, MayBeDestroyedInOnEnd) {
  stream_->Start();
  recorder_.on_end = [&] { stream_.reset(); };
  peer_.Close();
  RunUntil(loop_, [&] { return stream_ == nullptr; });
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("end"));
}

TEST_P(SocketStreamTest, MayBeDestroyedInOnFlushed) {
  stream_->Start();
  recorder_.on_flushed = [&] { stream_.reset(); };
  stream_->Write(std::string(kMore, 'x'));
  stream_->End();
  AwaitPeer([&] { return stream_ == nullptr; });
  AwaitPeer([&] { return peer_.ended; });
  EXPECT_EQ(peer_.received.size(), kMore);
  EXPECT_THAT(recorder_.events, ElementsAre("flushed"));
}

TEST_P(SocketStreamTest, MayBeDestroyedInTheOnErrorOfAWrite) {
  recorder_.on_error = [&] { stream_.reset(); };
  stream_->Write(std::string(kMore, 'x'));
  peer_.Close();
  RunUntil(loop_, [&] { return stream_ == nullptr; });
  RunIdle(loop_);
  EXPECT_EQ(loop_.buffered_bytes(), 0u);
  EXPECT_THAT(recorder_.events, ElementsAre("reset"));
}

TEST_P(SocketStreamTest, OnFlushedMayWriteAgain) {
  int writes = 1;
  recorder_.on_flushed = [&] {
    if (++writes <= 3) stream_->Write(std::string(kMore, 'x'));
  };
  stream_->Write(std::string(kMore, 'x'));
  AwaitPeer([&] { return peer_.received.size() == 3 * kMore; });
  RunUntil(loop_, [&] { return recorder_.events.size() == 3; });
  EXPECT_THAT(recorder_.events, ElementsAre("flushed", "flushed", "flushed"));
}

TEST_P(SocketStreamTest, ANewDelegateIsToldWhatTheOldOneIsNot) {
  Recorder next;
  recorder_.on_data = [&](std::string_view) { stream_->SetDelegate(&next); };
  stream_->Start();
  peer_.Send("first");
  RunUntil(loop_, [&] { return !recorder_.data.empty(); });
  peer_.Send("second");
  peer_.End();
  RunUntil(loop_, [&] { return next.Saw("end"); });
  EXPECT_EQ(recorder_.data, "first");
  EXPECT_EQ(next.data, "second");
  EXPECT_THAT(recorder_.events, ElementsAre("data"));
}

// What a tunnel does: all streams of a loop are read into one buffer.
TEST_P(SocketStreamTest, WritesFromTheSharedBufferToAnotherStream) {
  const std::string bytes = RandomBytes(2 * kMore);
  auto [to, far] = Peer::Connected(loop_, GetParam());
  Recorder writer;
  to->SetDelegate(&writer);
  bool was_full = false;
  recorder_.on_data = [&, &to = to](std::string_view data) {
    if (to->Write(data) == WriteResult::kBuffered) {
      was_full = true;
      stream_->Pause(PauseReason::kPeerFull);
    }
    EXPECT_LE(to->buffered(), Loop::kReadBufferBytes);
  };
  recorder_.on_end = [&to = to] { to->End(); };
  writer.on_flushed = [&] { stream_->Resume(PauseReason::kPeerFull); };
  stream_->Start();
  size_t sent = 0;
  RunUntil(loop_, [&, &far = far] {
    sent += peer_.Send(std::string_view(bytes).substr(sent));
    if (sent == bytes.size()) peer_.End();
    if (was_full) far.Receive();  // so it was slow at first
    return far.ended;
  });
  EXPECT_TRUE(far.received == bytes);
  EXPECT_TRUE(writer.Saw("flushed"));
}

TEST(SocketStream, AdoptRefusesWhatIsNoDescriptor) {
  Loop loop;
  // Not one just closed: libuv opens a spare with a loop's first stream, and gets that number.
  EXPECT_FALSE(SocketStream::Adopt(loop, -1).ok());
}

INSTANTIATE_TEST_SUITE_P(Each, SocketStreamTest,
                         ::testing::Values(Peer::Transport::kTcp, Peer::Transport::kUnix),
                         [](const auto& info) {
                           return info.param == Peer::Transport::kTcp ? "Tcp" : "Unix";
                         });

}  // namespace
}  // namespace fairlead::loop
