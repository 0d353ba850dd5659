#include "pkg/loop/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/loop/listen_socket.h"
#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_recorder.h"
#include "pkg/loop/test_turns.h"
#include "pkg/loop/uv_status.h"

namespace fairlead::loop {
namespace {

using base::SocketAddress;

SocketAddress Address(const std::string& text) {
  return *SocketAddress::Parse(text);
}

// An address where something listens.
std::shared_ptr<const ListenSockets> Listen(const std::string& address) {
  return *ListenSockets::Bind(Address(address), 1);
}

class ConnectTest : public ::testing::Test {
 protected:
  void Start(const SocketAddress& address) {
    auto started =
        Connect::Start(loop_, address, [this](absl::Status status, std::unique_ptr<stream::Stream> stream) {
          ++calls_;
          status_ = std::move(status);
          stream_ = std::move(stream);
          if (stream_) stream_->SetDelegate(&recorder_);
          if (give_up_in_done_) connect_.reset();
        });
    ASSERT_TRUE(started.ok()) << started.status();
    connect_ = *std::move(started);
    EXPECT_EQ(calls_, 0);
  }

  void AwaitDone() {
    RunUntil(loop_, [this] { return calls_ > 0; });
    RunIdle(loop_);
    EXPECT_EQ(calls_, 1);
  }

  // What was connected carries bytes both ways.
  void ExpectConversation(const ListenSockets& sockets) {
    Peer peer(::accept4(sockets.fds()[0], nullptr, nullptr, SOCK_NONBLOCK));
    stream_->Start();
    EXPECT_EQ(stream_->Write("hello"), stream::WriteResult::kFlushed);
    RunUntil(loop_, [&] {
      peer.Receive();
      return peer.received == "hello";
    });
    peer.Send("hello yourself");
    RunUntil(loop_, [&] { return recorder_.data == "hello yourself"; });
  }

  Loop loop_;
  Recorder recorder_;
  std::unique_ptr<Connect> connect_;
  std::unique_ptr<stream::Stream> stream_;
  absl::Status status_;
  int calls_ = 0;
  bool give_up_in_done_ = false;
};

TEST_F(ConnectTest, ConnectsOverIpv4) {
  const auto sockets = Listen("127.0.0.1:0");
  Start(sockets->address());
  AwaitDone();
  ASSERT_TRUE(status_.ok()) << status_;
  ExpectConversation(*sockets);
}

TEST_F(ConnectTest, ConnectsOverIpv6) {
  const auto sockets = ListenSockets::Bind(Address("[::1]:0"), 1);
  if (!sockets.ok()) GTEST_SKIP() << "no IPv6 here: " << sockets.status();
  Start((*sockets)->address());
  AwaitDone();
  ASSERT_TRUE(status_.ok()) << status_;
  ExpectConversation(**sockets);
}

TEST_F(ConnectTest, ConnectsToAUnixPath) {
  const auto sockets = Listen("unix:" + UniqueSocketPath());
  Start(sockets->address());
  AwaitDone();
  ASSERT_TRUE(status_.ok()) << status_;
  ExpectConversation(*sockets);
}

TEST_F(ConnectTest, APeerThatSpeaksFirstIsHeardOnceItsStreamIsStarted) {
  const auto sockets = Listen("127.0.0.1:0");
  Start(sockets->address());
  Peer peer(::accept4(sockets->fds()[0], nullptr, nullptr, SOCK_NONBLOCK));
  peer.Send("hello");
  AwaitDone();
  EXPECT_THAT(recorder_.events, ::testing::IsEmpty());
  stream_->Start();
  RunUntil(loop_, [&] { return recorder_.data == "hello"; });
}

TEST_F(ConnectTest, SaysWhyItDidNot) {
  auto sockets = Listen("127.0.0.1:0");
  const SocketAddress address = sockets->address();
  sockets.reset();
  Start(address);
  AwaitDone();
  EXPECT_EQ(stream_, nullptr);
  EXPECT_THAT(std::string(status_.message()), ::testing::HasSubstr("connection refused"));
}

TEST_F(ConnectTest, AUnixPathWhereNothingIsFailsFromTheLoop) {
  Start(Address("unix:" + UniqueSocketPath()));
  AwaitDone();
  EXPECT_EQ(stream_, nullptr);
  EXPECT_FALSE(status_.ok());
}

TEST_F(ConnectTest, AnAddressThatCannotBeReachedFailsAtOnce) {
  const auto started = Connect::Start(loop_, Address("255.255.255.255:9"),
                                      [](const absl::Status&, std::unique_ptr<stream::Stream>) { FAIL(); });
  EXPECT_FALSE(started.ok());
  RunIdle(loop_);
}

TEST_F(ConnectTest, IsNotCalledBackOnceGivenUp) {
  const auto sockets = Listen("127.0.0.1:0");
  Start(sockets->address());
  connect_.reset();
  RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
}

TEST_F(ConnectTest, GivesUpWhatNobodyAnswers) {
  // A queue for nobody: the kernel leaves what does not fit in it unanswered.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_storage native;
  socklen_t length = Address("127.0.0.1:0").ToNative(&native);
  ::bind(listener, reinterpret_cast<sockaddr*>(&native), length);
  ::listen(listener, 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&native), &length);
  const SocketAddress address = SocketAddress::FromNative(native, length);
  std::vector<std::unique_ptr<Connect>> attempts;
  attempts.reserve(4);
  int connected = 0;
  for (int i = 0; i < 4; ++i) {
    attempts.push_back(*Connect::Start(
        loop_, address, [&](const absl::Status&, std::unique_ptr<stream::Stream>) { ++connected; }));
  }
  RunIdle(loop_);
  EXPECT_LT(connected, 4);
  attempts.clear();
  RunIdle(loop_);
  ::close(listener);
}

TEST_F(ConnectTest, MayBeDestroyedInDone) {
  give_up_in_done_ = true;
  const auto sockets = Listen("127.0.0.1:0");
  Start(sockets->address());
  AwaitDone();
  EXPECT_EQ(connect_, nullptr);
  ASSERT_TRUE(status_.ok()) << status_;
  ExpectConversation(*sockets);
}

TEST_F(ConnectTest, MayBeDestroyedInTheDoneOfAFailure) {
  give_up_in_done_ = true;
  Start(Address("unix:" + UniqueSocketPath()));
  AwaitDone();
  EXPECT_EQ(connect_, nullptr);
}

TEST_F(ConnectTest, TheStreamMayBeDestroyedInDone) {
  const auto sockets = Listen("127.0.0.1:0");
  const auto connect = Connect::Start(loop_, sockets->address(),
                                      [&](const absl::Status&, std::unique_ptr<stream::Stream> stream) {
                                        stream.reset();
                                        ++calls_;
                                      });
  AwaitDone();
}

TEST_F(ConnectTest, AnAttemptMayBeUnderWayWhenEverythingEnds) {
  const auto sockets = Listen("127.0.0.1:0");
  Start(sockets->address());
  // Destroyed with the attempt under way, right before the loop.
}

TEST_F(ConnectTest, TellsAShortageOfOursFromWhatTheBackendDoes) {
  for (const auto& [error, ours] : std::vector<std::pair<int, bool>>{{EMFILE, true},
                                                                     {ENFILE, true},
                                                                     {ENOBUFS, true},
                                                                     {ENOMEM, true},
                                                                     {EADDRNOTAVAIL, true},
                                                                     {EHOSTUNREACH, false},
                                                                     {ENETUNREACH, false},
                                                                     {EINVAL, false},
                                                                     {ECONNREFUSED, false},
                                                                     {ECONNRESET, false},
                                                                     {EACCES, false},
                                                                     {ENOENT, false},
                                                                     {ETIMEDOUT, false}}) {
    EXPECT_EQ(IsShortage(ErrnoStatus(error, "connect")), ours) << error;
  }
  EXPECT_FALSE(IsShortage(absl::OkStatus()));
  EXPECT_TRUE(IsExhaustion(ErrnoStatus(EMFILE, "connect")));
  EXPECT_FALSE(IsExhaustion(ErrnoStatus(EADDRNOTAVAIL, "connect")));
}

}  // namespace
}  // namespace fairlead::loop
