#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/endpoint/registry.h"
#include "pkg/health/monitor.h"
#include "pkg/loop/listen_socket.h"
#include "pkg/loop/loop.h"
#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_turns.h"
#include "pkg/snapshot/snapshot.h"
#include "tests/support/fake_clock.h"

namespace fairlead::health {

// For tests: a monitor on a loop that the test turns, on a clock that it moves, and a backend that it plays.
class MonitorTest : public ::testing::Test {
 protected:
  MonitorTest() {
    cluster_.name = "chat";
    AddEndpoint(backend_->address());
  }
  ~MonitorTest() override {
    monitor_.reset();
    loop::RunIdle(loop_);
  }

  void AddEndpoint(const base::SocketAddress& address) {
    cluster_.endpoints.emplace_back();
    cluster_.endpoints.back().address = address;
  }
  // The configuration as it is now is in force.
  void Update() {
    config::Config config;
    config.clusters = {cluster_};
    snapshot_ = snapshot::Compile(std::make_shared<const config::Config>(config), {}, snapshot_.get(),
                                  registry_, ++revision_);
    monitor_->Update(*snapshot_);
  }
  endpoint::Endpoint& At(size_t index) const { return *snapshot_->clusters()[0]->endpoints()[index]; }
  bool Unhealthy(size_t index = 0) const { return At(index).condition().unhealthy; }

  // Lets time pass as the loop sees it, a tick at a time.
  void Pass(base::Duration time) {
    for (; time > base::Duration(0); time -= base::DeadlineWheel::kTick) {
      clock_.Advance(base::DeadlineWheel::kTick);
      loop::Turn(loop_);
      loop::Turn(loop_);
    }
  }

  // A question that has come in by now; null where there is none.
  using Question = std::unique_ptr<loop::Peer>;
  Question Accept() {
    loop::RunIdle(loop_);
    const int fd = ::accept4(backend_->fds()[0], nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return fd < 0 ? nullptr : std::make_unique<loop::Peer>(fd);
  }
  // Lets time pass until one comes; how long that took.
  base::Duration AwaitQuestion(Question* peer) {
    base::Duration waited{0};
    while ((*peer = Accept()) == nullptr && waited < std::chrono::minutes(5)) {
      Pass(base::DeadlineWheel::kTick);
      waited += base::DeadlineWheel::kTick;
    }
    EXPECT_NE(*peer, nullptr) << "nobody asks";
    return waited;
  }
  // The next question is answered like this; returns it.
  std::string Answer(std::string_view answer) {
    Question peer;
    AwaitQuestion(&peer);
    if (!peer) return "";
    loop::RunUntil(loop_, [&] {
      peer->Receive();
      return peer->received.find("\r\n\r\n") != std::string::npos;
    });
    peer->Send(answer);
    loop::RunIdle(loop_);
    return peer->received;
  }

  testing::FakeClock clock_;
  loop::Loop loop_{&clock_};
  endpoint::Registry registry_{1};
  std::shared_ptr<const loop::ListenSockets> backend_ =
      *loop::ListenSockets::Bind(*base::SocketAddress::Parse("127.0.0.1:0"), 1);
  config::Cluster cluster_;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  uint64_t revision_ = 0;
  std::unique_ptr<Monitor> monitor_ = std::make_unique<Monitor>(loop_, 1);
};

}  // namespace fairlead::health
