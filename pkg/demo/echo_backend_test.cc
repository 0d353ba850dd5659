#include "pkg/demo/echo_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "pkg/demo/client_frame.h"
#include "pkg/demo/page.h"
#include "pkg/loop/connect.h"
#include "tests/support/fake_clock.h"

namespace fairlead::demo {
namespace {

using namespace std::string_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGetPage = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// A client on the backend's own loop. What waits turns the loop.
class Client final : private stream::Delegate {
 public:
  Client(loop::Loop& loop, const base::SocketAddress& address) : loop_(loop) {
    auto connect = loop::Connect::Start(loop, address,
                                        [this](const absl::Status&, std::unique_ptr<stream::Stream> stream) {
                                          stream_ = std::move(stream);
                                          loop_.Stop();
                                        });
    loop_.Run();
    stream_->SetDelegate(this);
    stream_->Start();
  }

  // Connects, upgrades and takes the hello.
  static std::unique_ptr<Client> Upgraded(loop::Loop& loop, const base::SocketAddress& address) {
    auto client = std::make_unique<Client>(loop, address);
    client->Send(kUpgrade);
    client->WaitFor([&] { return client->received.find('}') != std::string::npos; });
    client->received.clear();
    return client;
  }

  void Send(std::string_view bytes) { stream_->Write(bytes); }
  void End() { stream_->End(); }
  void Pause() { stream_->Pause(stream::PauseReason::kHeld); }
  void Resume() { stream_->Resume(stream::PauseReason::kHeld); }

  void WaitFor(absl::FunctionRef<bool()> condition) {
    while (!condition()) loop_.Run();
  }
  void WaitForBytes(size_t bytes) {
    WaitFor([&] { return received.size() >= bytes || ended; });
  }
  void WaitForEnd() {
    WaitFor([&] { return ended; });
  }

  std::string received;
  bool ended = false;
  bool broken = false;

 private:
  void OnData(std::string_view bytes) override {
    received.append(bytes);
    loop_.Stop();
  }
  void OnEnd() override {
    ended = true;
    loop_.Stop();
  }
  void OnFlushed() override { loop_.Stop(); }
  void OnError(stream::Failure) override {
    ended = broken = true;
    loop_.Stop();
  }

  loop::Loop& loop_;
  std::unique_ptr<stream::Stream> stream_;
};

class EchoBackendTest : public ::testing::Test {
 protected:
  // As every program with streams does: writing to a reset connection is an error, not a signal.
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  // Lets the loop do what is ready now.
  void Turn() {
    loop_.Post([this] { loop_.Stop(); });
    loop_.Run();
  }

  testing::FakeClock clock_;
  loop::Loop loop_{&clock_};
  std::unique_ptr<EchoBackend> backend_ = *EchoBackend::Start(loop_, "echo-1");
};

TEST_F(EchoBackendTest, BindsAPortOnLoopback) {
  EXPECT_EQ(backend_->address().ip_port()->ip.ToString(), "127.0.0.1");
  EXPECT_NE(backend_->address().ip_port()->port, 0);
}

TEST_F(EchoBackendTest, ServesThePageAgainAndAgainOnOneConnection) {
  Client client(loop_, backend_->address());
  for (int i = 0; i < 3; ++i) {
    client.received.clear();
    client.Send(kGetPage);
    client.WaitFor(
        [&] { return client.received.size() > Page().size() && client.received.ends_with("</html>\n"); });
    EXPECT_THAT(client.received, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(client.received, EndsWith(Page()));
  }
}

TEST_F(EchoBackendTest, AnswersPipelinedRequestsInOrderThoughNobodyReads) {
  Client client(loop_, backend_->address());
  client.Pause();
  // More pages than the two socket buffers hold.
  constexpr size_t kRequests = 2000;
  std::string requests;
  for (size_t i = 0; i < kRequests; ++i) requests += kGetPage;
  client.Send(requests + "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  Turn();
  client.Resume();
  client.WaitForEnd();
  EXPECT_FALSE(client.broken);
  EXPECT_GT(client.received.size(), kRequests * Page().size());
  EXPECT_THAT(client.received, HasSubstr("HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(EchoBackendTest, AsksForABodyThatIsAnnouncedAndIgnoresIt) {
  Client client(loop_, backend_->address());
  client.Send("POST /up HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  client.WaitForBytes(1);
  EXPECT_EQ(client.received, "HTTP/1.1 100 Continue\r\n\r\n");
  client.received.clear();
  client.Send("body");
  client.WaitForBytes(1);
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 404 "));
}

TEST_F(EchoBackendTest, ClosesBehindARequestThatItDoesNotUnderstand) {
  Client client(loop_, backend_->address());
  client.Send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nmore that nobody reads");
  client.WaitForEnd();
  EXPECT_FALSE(client.broken);
  EXPECT_THAT(client.received, StartsWith("HTTP/1.1 400 "));
}

TEST_F(EchoBackendTest, TellsEachWebSocketWhoItIsAndHowManyAreOpen) {
  Client first(loop_, backend_->address());
  first.Send(kUpgrade);
  first.WaitFor([&] { return first.received.ends_with("}"); });
  EXPECT_THAT(first.received, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(first.received, HasSubstr("\r\n\r\n\x81\x1d"s + R"({"backend":"echo-1","open":1})"));
  Client second(loop_, backend_->address());
  second.Send(kUpgrade);
  second.WaitFor([&] { return second.received.ends_with("}"); });
  EXPECT_THAT(second.received, EndsWith(R"("open":2})"));
}

TEST_F(EchoBackendTest, CountsNoLongerWhatHasSaidGoodbye) {
  const auto leaving = Client::Upgraded(loop_, backend_->address());
  leaving->Send(ClientFrame({true, Opcode::kClose, "\x03\xe8"}));
  leaving->WaitForBytes(4);
  // Its connection is still open.
  Client next(loop_, backend_->address());
  next.Send(kUpgrade);
  next.WaitFor([&] { return next.received.ends_with("}"); });
  EXPECT_THAT(next.received, EndsWith(R"("open":1})"));
}

TEST_F(EchoBackendTest, EchoesFramesAsTheyCame) {
  const auto client = Client::Upgraded(loop_, backend_->address());
  std::string sent, expected;
  for (const Frame& frame :
       {Frame{true, Opcode::kText, "hello"}, Frame{false, Opcode::kBinary, "a"},
        Frame{false, Opcode::kContinuation, ""}, Frame{true, Opcode::kContinuation, "b"}}) {
    sent += ClientFrame(frame);
    AppendFrame(frame, &expected);
  }
  client->Send(sent);
  client->WaitForBytes(expected.size());
  EXPECT_EQ(client->received, expected);
}

TEST_F(EchoBackendTest, TakesFramesThatCameWithTheUpgrade) {
  Client client(loop_, backend_->address());
  client.Send(std::string(kUpgrade) + ClientFrame({true, Opcode::kText, "early"}));
  client.WaitFor([&] { return client.received.ends_with("early"); });
  EXPECT_THAT(client.received, EndsWith("\x81\x05"s + "early"));
}

TEST_F(EchoBackendTest, AnswersPingWithPongAndPongWithNothing) {
  const auto client = Client::Upgraded(loop_, backend_->address());
  client->Send(ClientFrame({true, Opcode::kPong, "x"}) + ClientFrame({true, Opcode::kPing, "are you there"}));
  client->WaitForBytes(15);
  EXPECT_EQ(client->received, "\x8a\x0d"s + "are you there");
}

TEST_F(EchoBackendTest, AnswersCloseWithItsCodeAndEnds) {
  const auto client = Client::Upgraded(loop_, backend_->address());
  client->Send(ClientFrame({true, Opcode::kClose, "\x0f\xa1 reason"}) +
               ClientFrame({true, Opcode::kText, "late"}));
  client->WaitForEnd();
  EXPECT_EQ(client->received, "\x88\x02\x0f\xa1"s);
  EXPECT_FALSE(client->broken);
}

TEST_F(EchoBackendTest, ClosesOnABrokenFrame) {
  const auto client = Client::Upgraded(loop_, backend_->address());
  client->Send("\x81\x05hello");
  client->WaitForEnd();
  EXPECT_EQ(client->received, "\x88\x02\x03\xea"s);
}

TEST_F(EchoBackendTest, ClosesOnAFrameThatIsTooBig) {
  const auto client = Client::Upgraded(loop_, backend_->address());
  const std::string payload(FrameReader::kMaxPayloadBytes + 1, 'x');
  client->Send(ClientFrame({true, Opcode::kBinary, payload}));
  client->WaitForEnd();
  EXPECT_EQ(client->received, "\x88\x02\x03\xf1"s);
  EXPECT_FALSE(client->broken);
}

TEST_F(EchoBackendTest, EchoesMoreThanTheSocketsHoldToAClientThatReadsLate) {
  const auto client = Client::Upgraded(loop_, backend_->address());
  client->Pause();
  const std::string payload(FrameReader::kMaxPayloadBytes, 'x');
  constexpr size_t kFrames = 16;
  std::string sent, expected;
  for (size_t i = 0; i < kFrames; ++i) {
    sent += ClientFrame({true, Opcode::kBinary, payload});
    AppendFrame({true, Opcode::kBinary, payload}, &expected);
  }
  client->Send(sent);
  Turn();
  client->Resume();
  client->WaitForBytes(expected.size());
  EXPECT_TRUE(client->received == expected);
}

TEST_F(EchoBackendTest, CutsAClientThatNeverEnds) {
  const auto client = Client::Upgraded(loop_, backend_->address());
  client->Send(ClientFrame({true, Opcode::kClose, ""}));
  client->WaitForEnd();
  clock_.Advance(LingeringClose::kPatience + base::DeadlineWheel::kTick);
  Turn();
  // What it sends now is answered with a reset, which shows at the write after.
  for (int i = 0; i < 100 && !client->broken; ++i) {
    client->Send("x");
    Turn();
  }
  EXPECT_TRUE(client->broken);
}

TEST_F(EchoBackendTest, ClosesEverythingWhenItIsDestroyed) {
  Client http(loop_, backend_->address());
  http.Send(kGetPage);
  http.WaitForBytes(1);
  const auto socket = Client::Upgraded(loop_, backend_->address());
  backend_.reset();
  http.WaitForEnd();
  socket->WaitForEnd();
}

}  // namespace
}  // namespace fairlead::demo
