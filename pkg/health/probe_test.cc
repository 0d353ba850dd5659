#include "pkg/health/probe.h"

#include <gmock/gmock.h>

#include <optional>

#include "pkg/health/monitor_test.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::health {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class ProbeTest : public MonitorTest {
 protected:
  // A question is put; what is wrong with the answer comes to `problem_`.
  void Ask(const config::HealthCheck& check) {
    check_ = check;
    probe_ = std::make_unique<Probe>(loop_, workspace_, random_, backend_->address(), check_, Security(),
                                     [this](Probe::Outcome outcome, std::string_view problem) {
                                       EXPECT_EQ(outcome == Probe::Outcome::kGood, problem.empty());
                                       EXPECT_FALSE(problem_) << "told twice";
                                       problem_ = std::string(problem);
                                     });
    probe_->Start();
    loop::RunUntil(loop_, [&] { return (peer_ = Accept()) != nullptr; });
  }
  void AskForWebSocket() {
    config::HealthCheck check;
    check.check = config::WebSocketCheck{.path = "/ws", .host = ""};
    Ask(check);
    loop::RunUntil(loop_, [&] {
      peer_->Receive();
      return peer_->received.find("\r\n\r\n") != std::string::npos;
    });
  }
  // The 101 that fits what was asked.
  std::string Switching() {
    constexpr std::string_view kName = "Sec-WebSocket-Key: ";
    const size_t at = peer_->received.find(kName) + kName.size();
    const auto accept = websocket::ComputeAccept(peer_->received.substr(at, 24));
    return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Accept: " +
           std::string(accept.begin(), accept.end()) + "\r\n\r\n";
  }
  void AwaitVerdict() {
    loop::RunUntil(loop_, [&] { return problem_.has_value(); });
  }
  ~ProbeTest() override { probe_.reset(); }

  tls::Workspace workspace_{[this](absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); },
                            [this]() -> base::DeadlineWheel& { return loop_.deadlines(); }};
  base::Random random_{1};
  config::HealthCheck check_;
  std::unique_ptr<Probe> probe_;
  Question peer_;
  std::optional<std::string> problem_;
};

TEST_F(ProbeTest, AWebSocketIsOpenedAndClosedInOrder) {
  AskForWebSocket();
  EXPECT_THAT(peer_->received, HasSubstr("GET /ws HTTP/1.1\r\n"));
  EXPECT_THAT(peer_->received, HasSubstr("Host: " + backend_->address().ToString() + "\r\n"));
  const std::string switching = Switching();
  peer_->received.clear();
  peer_->Send(switching);
  AwaitVerdict();
  EXPECT_EQ(*problem_, "");
  loop::RunUntil(loop_, [&] {
    peer_->Receive();
    return peer_->ended;
  });
  ASSERT_EQ(peer_->received.size(), 8u);
  const std::string& frame = peer_->received;
  EXPECT_EQ(frame.substr(0, 2), "\x88\x82") << "a masked Close of two bytes";
  EXPECT_EQ(static_cast<uint8_t>(frame[6] ^ frame[2]) << 8 | static_cast<uint8_t>(frame[7] ^ frame[3]), 1000);
}

TEST_F(ProbeTest, A101WithAWrongAcceptIsBad) {
  AskForWebSocket();
  peer_->Send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  AwaitVerdict();
  EXPECT_EQ(*problem_, "the 101 is not valid");
}

TEST_F(ProbeTest, AnOrdinaryAnswerToAHandshakeIsBad) {
  AskForWebSocket();
  peer_->Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  AwaitVerdict();
  EXPECT_EQ(*problem_, "the answer is 200, not 101");
}

TEST_F(ProbeTest, SkipsInterimAnswers) {
  config::HealthCheck check;
  check.check = config::HttpCheck();
  Ask(check);
  peer_->Send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  AwaitVerdict();
  EXPECT_EQ(*problem_, "");
}

TEST_F(ProbeTest, NoHttpAndNoAnswerAreBad) {
  config::HealthCheck check;
  check.check = config::HttpCheck();
  Ask(check);
  peer_->Send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  AwaitVerdict();
  EXPECT_EQ(*problem_, "the answer is no HTTP");
  problem_.reset();
  Ask(check);
  peer_->Close();
  AwaitVerdict();
  EXPECT_THAT(*problem_, HasSubstr("before an answer"));
}

}  // namespace
}  // namespace fairlead::health
