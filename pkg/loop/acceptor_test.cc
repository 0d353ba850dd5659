#include "pkg/loop/acceptor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <memory>
#include <string>
#include <vector>

#include "pkg/loop/listen_socket.h"
#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_turns.h"

namespace fairlead::loop {
namespace {

using base::SocketAddress;

class AcceptorTest : public ::testing::Test {
 protected:
  ~AcceptorTest() override {
    for (const int fd : accepted_) ::close(fd);
  }

  void Accept(int fd) {
    acceptors_.push_back(std::make_unique<Acceptor>(
        loop_, fd,
        [this](int accepted, const SocketAddress& peer) {
          accepted_.push_back(accepted);
          peers_.push_back(peer);
          if (accepted_.size() == pause_at_) acceptors_.front()->Pause();
        },
        [this] { ++exhausted_; }));
  }

  // A client whose connection is in a kernel's queue.
  void Dial() {
    sockaddr_storage native;
    const socklen_t length = sockets_->address().ToNative(&native);
    const int fd = ::socket(native.ss_family, SOCK_STREAM, 0);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&native), length), 0);
    clients_.emplace_back(fd);
  }

  void Listen(const std::string& address, size_t count) {
    sockets_ = *ListenSockets::Bind(*SocketAddress::Parse(address), count);
  }

  Loop loop_;
  std::shared_ptr<const ListenSockets> sockets_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<Peer> clients_;
  std::vector<int> accepted_;
  std::vector<SocketAddress> peers_;
  size_t pause_at_ = 0;
  int exhausted_ = 0;
};

TEST_F(AcceptorTest, HandsOnSocketsThatAreReadyToUse) {
  Listen("127.0.0.1:0", 1);
  Accept(sockets_->fds()[0]);
  Dial();
  EXPECT_TRUE(accepted_.empty());
  RunUntil(loop_, [&] { return accepted_.size() == 1; });
  EXPECT_NE(::fcntl(accepted_[0], F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(accepted_[0], F_GETFD) & FD_CLOEXEC, 0);
  int no_delay = 0;
  socklen_t size = sizeof(no_delay);
  ::getsockopt(accepted_[0], IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_EQ(no_delay, 1);
  sockaddr_storage native;
  socklen_t length = sizeof(native);
  ::getsockname(clients_[0].fd(), reinterpret_cast<sockaddr*>(&native), &length);
  EXPECT_EQ(peers_[0], SocketAddress::FromNative(native, length));
}

TEST_F(AcceptorTest, TakesClientsOfAUnixPathWhoHaveNoName) {
  Listen("unix:" + UniqueSocketPath(), 1);
  Accept(sockets_->fds()[0]);
  Dial();
  RunUntil(loop_, [&] { return accepted_.size() == 1; });
  EXPECT_EQ(peers_[0].unix_path()->path, "");
}

TEST_F(AcceptorTest, TakesMoreAtATimeTheLongerSomebodyWaits) {
  Listen("127.0.0.1:0", 1);
  Accept(sockets_->fds()[0]);
  RunIdle(loop_);
  for (int i = 0; i < 300; ++i) Dial();
  std::vector<size_t> taken;
  while (accepted_.size() < 300) {
    const size_t before = accepted_.size();
    Turn(loop_);
    if (accepted_.size() > before) taken.push_back(accepted_.size() - before);
  }
  EXPECT_THAT(taken, ::testing::ElementsAre(1, 2, 4, 8, 16, 32, 64, 64, 64, 45));
  RunIdle(loop_);
  for (int i = 0; i < 2; ++i) Dial();
  Turn(loop_);
  EXPECT_EQ(accepted_.size(), 301u);
}

TEST_F(AcceptorTest, LeavesNewcomersInTheQueueWhilePaused) {
  Listen("127.0.0.1:0", 1);
  Accept(sockets_->fds()[0]);
  acceptors_[0]->Pause();
  EXPECT_TRUE(acceptors_[0]->paused());
  Dial();
  RunIdle(loop_);
  EXPECT_TRUE(accepted_.empty());
  acceptors_[0]->Resume();
  EXPECT_FALSE(acceptors_[0]->paused());
  RunUntil(loop_, [&] { return accepted_.size() == 1; });
}

TEST_F(AcceptorTest, APauseInsideTheCallbackHoldsAtOnce) {
  Listen("127.0.0.1:0", 1);
  for (int i = 0; i < 10; ++i) Dial();
  pause_at_ = 3;
  Accept(sockets_->fds()[0]);
  RunIdle(loop_);
  EXPECT_EQ(accepted_.size(), 3u);
  acceptors_[0]->Resume();
  RunUntil(loop_, [&] { return accepted_.size() == 10; });
}

TEST_F(AcceptorTest, WhatIsQueuedSurvivesTheListenerOnceAccepted) {
  constexpr size_t kClients = 200;
  Listen("127.0.0.1:0", 3);
  for (const int fd : sockets_->fds()) Accept(fd);
  for (size_t i = 0; i < kClients; ++i) Dial();
  for (const auto& acceptor : acceptors_) acceptor->Pause();
  for (const auto& acceptor : acceptors_) acceptor->AcceptQueued();
  EXPECT_EQ(accepted_.size(), kClients);
  acceptors_.clear();
  sockets_.reset();
  for (const int fd : accepted_) EXPECT_EQ(::send(fd, "x", 1, MSG_NOSIGNAL), 1);
  for (Peer& client : clients_) {
    RunUntil(loop_, [&] {
      client.Receive();
      return !client.received.empty() || client.reset || client.ended;
    });
    EXPECT_EQ(client.received, "x");
  }
}

TEST_F(AcceptorTest, IsNotCalledBackOnceDestroyed) {
  Listen("127.0.0.1:0", 1);
  Accept(sockets_->fds()[0]);
  Dial();
  acceptors_.clear();
  RunIdle(loop_);
  EXPECT_TRUE(accepted_.empty());
}

TEST_F(AcceptorTest, PausesWhereNoDescriptorIsLeftAndKeepsTheClientQueued) {
  Listen("127.0.0.1:0", 1);
  Accept(sockets_->fds()[0]);
  Dial();
  RunUntil(loop_, [&] { return accepted_.size() == 1; });
  Dial();
  rlimit limit;
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  RunUntil(loop_, [&] { return exhausted_ > 0; });
  RunIdle(loop_);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(exhausted_, 1);
  EXPECT_TRUE(acceptors_[0]->paused());
  EXPECT_EQ(accepted_.size(), 1u);
  acceptors_[0]->Resume();
  RunUntil(loop_, [&] { return accepted_.size() == 2; });
}

}  // namespace
}  // namespace fairlead::loop
