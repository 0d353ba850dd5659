#include "pkg/loop/fd_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <memory>

#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_turns.h"

namespace fairlead::loop {
namespace {

class FdWatcherTest : public ::testing::Test {
 protected:
  void Start(int fd) {
    watcher_ = std::make_unique<FdWatcher>(loop_, fd, [this](bool readable, bool writable) {
      ++calls_;
      readable_ = readable;
      writable_ = writable;
      if (stop_) watcher_.reset();
    });
  }

  Loop loop_;
  Peer::Sockets sockets_ = Peer::Pair(Peer::Transport::kTcp);
  Peer near_{sockets_.near};
  Peer far_{sockets_.far};
  std::unique_ptr<FdWatcher> watcher_;
  int calls_ = 0;
  bool readable_ = false;
  bool writable_ = false;
  bool stop_ = false;
};

TEST_F(FdWatcherTest, WaitsForNothingToBeginWith) {
  Start(near_.fd());
  far_.Send("x");
  RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
}

TEST_F(FdWatcherTest, TellsOfWhatItIsAskedToWatchOnly) {
  Start(near_.fd());
  watcher_->Watch(true, false);
  RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
  watcher_->Watch(false, true);
  RunUntil(loop_, [&] { return calls_ > 0; });
  EXPECT_FALSE(readable_);
  EXPECT_TRUE(writable_);
}

TEST_F(FdWatcherTest, TellsAgainAsLongAsItIsSo) {
  Start(near_.fd());
  watcher_->Watch(true, false);
  far_.Send("x");
  RunUntil(loop_, [&] { return calls_ > 2; });
  EXPECT_TRUE(readable_);
  near_.Receive();
  Turn(loop_);
  calls_ = 0;
  RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
  far_.Send("y");
  RunUntil(loop_, [&] { return calls_ > 0; });
  watcher_->Watch(false, false);
  calls_ = 0;
  RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
}

// An error that is taken off the descriptor (as c-ares and accept do) does not end the watch.
TEST_F(FdWatcherTest, WatchesOnAfterAnError) {
  Peer socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  Peer other(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* native = reinterpret_cast<sockaddr*>(&address);
  ::bind(other.fd(), native, length);
  ::getsockname(other.fd(), native, &length);
  ::connect(socket.fd(), native, length);
  sockaddr_in own{};
  ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&own), &length);
  other.Close();
  Start(socket.fd());
  watcher_->Watch(true, false);

  socket.Send("to a port where nobody is");
  RunUntil(loop_, [&] { return calls_ > 0; });
  EXPECT_TRUE(readable_);
  EXPECT_TRUE(writable_);
  socket.Receive();

  Peer late(::socket(AF_INET, SOCK_DGRAM, 0));
  ASSERT_EQ(::bind(late.fd(), native, length), 0);
  ASSERT_EQ(::connect(late.fd(), reinterpret_cast<sockaddr*>(&own), length), 0);
  Turn(loop_);
  calls_ = 0;
  late.Send("x");
  RunUntil(loop_, [&] { return calls_ > 0; });
  EXPECT_TRUE(readable_);
}

TEST_F(FdWatcherTest, MayBeDestroyedInItsCallback) {
  Start(near_.fd());
  stop_ = true;
  watcher_->Watch(true, true);
  RunUntil(loop_, [&] { return watcher_ == nullptr; });
  RunIdle(loop_);
  EXPECT_EQ(calls_, 1);
}

TEST_F(FdWatcherTest, IsNotCalledBackOnceDestroyed) {
  Start(near_.fd());
  watcher_->Watch(true, true);
  watcher_.reset();
  RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
}

TEST_F(FdWatcherTest, TheDescriptorMayBeWatchedAgain) {
  Start(near_.fd());
  watcher_->Watch(true, true);
  watcher_.reset();
  Start(near_.fd());
  watcher_->Watch(false, true);
  RunUntil(loop_, [&] { return calls_ > 0; });
}

}  // namespace
}  // namespace fairlead::loop
