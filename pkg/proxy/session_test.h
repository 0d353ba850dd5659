#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/admission/gate.h"
#include "pkg/admission/upgrade_queue.h"
#include "pkg/config/load.h"
#include "pkg/endpoint/registry.h"
#include "pkg/loop/listen_socket.h"
#include "pkg/loop/loop.h"
#include "pkg/loop/test_peer.h"
#include "pkg/loop/test_turns.h"
#include "pkg/proxy/context.h"
#include "pkg/proxy/session.h"
#include "pkg/proxy/tunnel_table.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/telemetry/stats_registry.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_stream.h"

namespace fairlead::proxy {

// For tests: a session between a scripted client and a backend behind a real socket, on a clock that the test
// moves. Paths below /b go to that backend, others nowhere.
class SessionTest : public ::testing::Test, public SessionOwner {
 protected:
  SessionTest() { Configure(""); }
  ~SessionTest() override {
    tunnels_.CutAll({.reason = telemetry::CloseReason::kDrained});
    session_.reset();
    loop::RunIdle(loop_);
  }

  // Before Open: the timeouts of the route, such as "response: 1s"; how many backends there are, 1 or 2; and
  // more keys of the cluster.
  void Configure(std::string_view timeouts, int backends = 1, std::string_view cluster = "limits: {}") {
    const std::string second =
        backends == 1 ? "" : fmt::format(", {{address: '{}'}}", other_sockets_->address().ToString());
    const config::Loaded loaded = config::LoadYaml(fmt::format(
        "listeners: [{{name: web, address: 127.0.0.1:8080, limits: {{handshake_timeout: 10s}}{}}}]\n"
        "virtual_hosts:\n"
        "- name: all\n"
        "  domains: ['*']\n"
        "  routes: [{{name: b, match: {{prefix: /b}}, cluster: b, timeouts: {{{}}}}}]\n"
        "clusters: [{{name: b, endpoints: [{{address: '{}'}}{}], {}}}]\n",
        listener_keys_, timeouts, backend_sockets_->address().ToString(), second, cluster));
    for (const config::Violation& violation : loaded.violations) ADD_FAILURE() << violation.ToString();
    snapshot_ = snapshot::Compile(std::make_shared<const config::Config>(loaded.file->config), {}, nullptr,
                                  endpoints_, 1);
  }

  void Open() {
    auto ticket = admission::Ticket::Take(gate_, stats_.Listener("web"));
    session_ =
        std::make_unique<Session>(context_, *this, client_.Connect(),
                                  *base::SocketAddress::Parse("198.51.100.7:5555"), *std::move(ticket));
    session_->Start();
  }

  // A request with these header lines; the path begins with /b or goes nowhere.
  static std::string Get(std::string_view path, std::string_view headers = "") {
    return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", path, headers);
  }

  // The connection that comes in at a backend.
  loop::Peer Accept() {
    int fd = -1;
    loop::RunUntil(loop_, [&] {
      for (const auto& sockets : {backend_sockets_, other_sockets_}) {
        fd = ::accept4(sockets->fds()[0], nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) continue;
        accepted_at_ = sockets.get();
        return true;
      }
      return false;
    });
    return loop::Peer(fd);
  }
  // Likewise, and it must not be the backend that had the last one.
  loop::Peer AcceptOther() {
    const auto* const last = accepted_at_;
    loop::Peer peer = Accept();
    EXPECT_NE(accepted_at_, last);
    return peer;
  }
  // Until the backend has got that.
  void AwaitAt(loop::Peer& backend, std::string_view text) {
    loop::RunUntil(loop_, [&] {
      backend.Receive();
      return backend.received.find(text) != std::string::npos;
    });
  }
  // Until the client has got that.
  void AwaitAnswer(std::string_view text) {
    loop::RunUntil(loop_, [&] { return client_.received().find(text) != std::string::npos; });
  }
  size_t CountInAnswer(std::string_view text) const {
    size_t count = 0;
    for (size_t at = client_.received().find(text); at != std::string::npos;
         at = client_.received().find(text, at + 1)) {
      ++count;
    }
    return count;
  }

  // Lets time pass as the loop sees it: second by second.
  void Pass(std::chrono::seconds time) {
    for (; time.count() > 0; --time) {
      clock_.Advance(std::chrono::seconds(1));
      loop::Turn(loop_);
    }
  }

  std::string listener_keys_;  // more of the listener's, for Configure; begin with a comma
  testing::FakeClock clock_;
  tls::Workspace tls_{[this](absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); },
                      [this]() -> base::DeadlineWheel& { return loop_.deadlines(); }};
  loop::Loop loop_{&clock_};
  telemetry::StatsRegistry registry_;
  telemetry::WorkerStats stats_{registry_, 0};
  admission::Process process_{0};
  std::shared_ptr<admission::Gate> gate_ = std::make_shared<admission::Gate>(1, process_);
  endpoint::Registry endpoints_{1};
  base::Random random_{1};
  TunnelTable tunnels_{loop_, clock_, random_, stats_, nullptr};
  Context context_{.loop = loop_,
                   .tls = tls_,
                   .clock = clock_,
                   .random = random_,
                   .stats = stats_,
                   .access_log = nullptr,
                   .access_log_mode = config::AccessLogMode::kDisabled,
                   .tunnels = tunnels_,
                   .stage = DrainStage::kServing,
                   .sealers = std::make_shared<const sticky::Sealers>(),
                   .next_id = 1};
  std::shared_ptr<const loop::ListenSockets> backend_sockets_ =
      *loop::ListenSockets::Bind(*base::SocketAddress::Parse("127.0.0.1:0"), 1);
  std::shared_ptr<const loop::ListenSockets> other_sockets_ =
      *loop::ListenSockets::Bind(*base::SocketAddress::Parse("127.0.0.1:0"), 1);
  const loop::ListenSockets* accepted_at_ = nullptr;
  testing::ScriptedPeer client_;
  bool keeps_alive_ = true;
  bool takes_upgrades_ = true;
  admission::UpgradeQueue queue_{loop_.deadlines(), gate_->upgrades()};
  std::unique_ptr<Session> session_;  // until it has closed

 private:
  std::shared_ptr<const snapshot::Snapshot> CurrentSnapshot() const override { return snapshot_; }
  const snapshot::Listener& CurrentListener() const override { return snapshot_->listeners()[0]; }
  const base::SocketAddress& LocalAddress() const override { return snapshot_->listeners()[0].address; }
  bool KeepsAlive() const override { return keeps_alive_; }
  bool TakesUpgrades() const override { return takes_upgrades_; }
  admission::UpgradeQueue& queue() override { return queue_; }
  void OnSessionClosed(Session&) override { loop_.Bury(std::move(session_)); }

  std::shared_ptr<const snapshot::Snapshot> snapshot_;
};

}  // namespace fairlead::proxy
