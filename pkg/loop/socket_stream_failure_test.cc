#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <memory>
#include <string>

#include "pkg/loop/socket_stream.h"
#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_recorder.h"
#include "pkg/loop/test_turns.h"

// How a stream tells of a connection that broke.

namespace fairlead::loop {
namespace {

using stream::PauseReason;
using stream::WriteResult;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kMore = 8 << 20;

class SocketStreamFailureTest : public ::testing::Test {
 protected:
  SocketStreamFailureTest() : SocketStreamFailureTest(Peer::Pair(Peer::Transport::kTcp)) {}

  // Until the kernel knows the connection for broken. The loop does not turn meanwhile.
  void AwaitBroken() {
    tcp_info info{};
    while (info.tcpi_state != TCP_CLOSE) {
      socklen_t size = sizeof(info);
      ASSERT_EQ(::getsockopt(stream_fd_, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    }
  }

  Loop loop_;
  Recorder recorder_;
  std::unique_ptr<SocketStream> stream_;
  Peer peer_;

 private:
  explicit SocketStreamFailureTest(Peer::Sockets sockets)
      : stream_(*SocketStream::Adopt(loop_, sockets.near)), peer_(sockets.far), stream_fd_(sockets.near) {
    stream_->SetDelegate(&recorder_);
  }

  const int stream_fd_;
};

TEST_F(SocketStreamFailureTest, AResetIsAReset) {
  stream_->Start();
  peer_.Reset();
  RunUntil(loop_, [&] { return !recorder_.events.empty(); });
  EXPECT_EQ(stream_->Write("dropped"), WriteResult::kBuffered);
  EXPECT_EQ(loop_.buffered_bytes(), 0u);
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("reset"));
}

TEST_F(SocketStreamFailureTest, AResetBehindDataIsNoOrderlyEnd) {
  peer_.Send("half a mess");
  peer_.Reset();
  AwaitBroken();
  stream_->Start();
  RunUntil(loop_, [&] { return recorder_.events.size() == 2; });
  RunIdle(loop_);
  EXPECT_EQ(recorder_.data, "half a mess");
  EXPECT_THAT(recorder_.events, ElementsAre("data", "reset"));
}

TEST_F(SocketStreamFailureTest, APausedStreamLearnsOfAResetWhenItIsResumed) {
  stream_->Start();
  stream_->Pause(PauseReason::kPeerFull);
  peer_.Reset();
  AwaitBroken();
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, IsEmpty());
  stream_->Resume(PauseReason::kPeerFull);
  RunUntil(loop_, [&] { return !recorder_.events.empty(); });
  EXPECT_THAT(recorder_.events, ElementsAre("reset"));
}

TEST_F(SocketStreamFailureTest, AWriteAfterAResetFailsFromTheLoopOnly) {
  peer_.Reset();
  AwaitBroken();
  EXPECT_EQ(stream_->Write("lost"), WriteResult::kBuffered);
  EXPECT_EQ(stream_->Write("lost too"), WriteResult::kBuffered);
  EXPECT_THAT(recorder_.events, IsEmpty());
  RunUntil(loop_, [&] { return !recorder_.events.empty(); });
  EXPECT_EQ(stream_->Write("dropped"), WriteResult::kBuffered);
  stream_->End();
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("reset"));
}

TEST_F(SocketStreamFailureTest, AResetWhileBytesWaitIsToldOnce) {
  stream_->Start();
  EXPECT_EQ(stream_->Write(std::string(kMore, 'x')), WriteResult::kBuffered);
  peer_.Reset();
  RunUntil(loop_, [&] { return !recorder_.events.empty(); });
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("reset"));
  stream_.reset();
  EXPECT_EQ(loop_.buffered_bytes(), 0u);
}

TEST_F(SocketStreamFailureTest, AResetBehindTheEndShowsAtTheNextWrite) {
  stream_->Start();
  peer_.End();
  RunUntil(loop_, [&] { return recorder_.Saw("end"); });
  peer_.Reset();
  AwaitBroken();
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("end"));
  stream_->Write("anybody there?");
  RunUntil(loop_, [&] { return recorder_.events.size() == 2; });
  EXPECT_THAT(recorder_.events, ElementsAre("end", "reset"));
}

TEST_F(SocketStreamFailureTest, AResetBehindTheEndShowsWhileBytesWait) {
  stream_->Start();
  peer_.End();
  RunUntil(loop_, [&] { return recorder_.Saw("end"); });
  stream_->Write(std::string(kMore, 'x'));
  peer_.Reset();
  RunUntil(loop_, [&] { return recorder_.events.size() == 2; });
  EXPECT_THAT(recorder_.events, ElementsAre("end", "reset"));
}

TEST_F(SocketStreamFailureTest, HandsOnWhatHasArrivedBeforeItTellsOfAFailedWrite) {
  stream_->Start();
  peer_.Send("413, and no more of this");
  peer_.Reset();
  AwaitBroken();
  stream_->Write("more of this");
  RunUntil(loop_, [&] { return recorder_.Saw("reset"); });
  EXPECT_EQ(recorder_.data, "413, and no more of this");
  EXPECT_THAT(recorder_.events, ElementsAre("data", "reset"));
}

TEST_F(SocketStreamFailureTest, MayBeDestroyedByWhatArrivedBeforeAFailedWrite) {
  recorder_.on_data = [&](std::string_view) { stream_.reset(); };
  stream_->Start();
  peer_.Send("answer");
  peer_.Reset();
  AwaitBroken();
  stream_->Write("question");
  RunUntil(loop_, [&] { return stream_ == nullptr; });
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("data"));
}

TEST_F(SocketStreamFailureTest, MayBeDestroyedInTheOnErrorOfARead) {
  recorder_.on_error = [&] { stream_.reset(); };
  stream_->Start();
  stream_->Write(std::string(kMore, 'x'));
  peer_.Reset();
  RunUntil(loop_, [&] { return stream_ == nullptr; });
  RunIdle(loop_);
  EXPECT_THAT(recorder_.events, ElementsAre("reset"));
}

TEST_F(SocketStreamFailureTest, ResetOnCloseSendsAReset) {
  stream_->ResetOnClose();
  stream_.reset();
  RunUntil(loop_, [&] {
    peer_.Receive();
    return peer_.reset || peer_.ended;
  });
  EXPECT_TRUE(peer_.reset);
}

TEST_F(SocketStreamFailureTest, AFullPeerIsGivenUpAfterThePeerTimeout) {
  stream_->SetPeerTimeout(base::Duration(100));
  EXPECT_EQ(stream_->Write(std::string(kMore, 'x')), WriteResult::kBuffered);
  RunUntil(loop_, [&] { return !recorder_.events.empty(); });
  EXPECT_THAT(recorder_.events, ElementsAre("timeout"));
}

TEST_F(SocketStreamFailureTest, ATimeoutThatAWriteMeetsFirstIsStillATimeout) {
  stream_->SetPeerTimeout(base::Duration(100));
  stream_->Pause(PauseReason::kPeerFull);
  const std::string piece(1 << 16, 'x');
  // Just so much that the peer is full and our side of the kernel still takes it.
  const int small = 4096;
  ::setsockopt(peer_.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  ASSERT_EQ(stream_->Write(piece), WriteResult::kFlushed);
  AwaitBroken();
  stream_->Write(piece);
  RunUntil(loop_, [&] { return !recorder_.events.empty(); });
  EXPECT_THAT(recorder_.events, ElementsAre("timeout"));
}

}  // namespace
}  // namespace fairlead::loop
