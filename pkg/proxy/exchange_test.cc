#include "pkg/proxy/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pkg/proxy/session_test.h"

namespace fairlead::proxy {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ExchangeTest : public SessionTest {
 protected:
  static constexpr std::string_view kUpgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  static constexpr std::string_view kSwitching =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  static constexpr std::string_view kPost =
      "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n";

  // A client that asked, and the connection at the backend.
  loop::Peer Ask(const std::string& request) {
    Open();
    client_.Send(request);
    loop::Peer backend = Accept();
    AwaitAt(backend, "\r\n\r\n");
    return backend;
  }

  // How many requests to the backend were counted with that status.
  uint64_t Answered(std::string_view status) {
    const telemetry::StatusCounters& counters = stats_.Route("web", "b", "b")->requests;
    for (size_t i = 0; i < telemetry::StatusCounters::kSize; ++i) {
      if (telemetry::StatusCounters::Label(i) == status) return counters.value(i);
    }
    return 0;
  }

  // Fills the way to the backend until the proxy stops reading the client.
  void SendUntilPaused() {
    while (client_.reading()) {
      client_.Send(std::string(60000, 'x'));
      loop::Turn(loop_);
    }
  }
};

TEST_F(ExchangeTest, EarlyBytesReachTheBackendBehindThe101AndNotBefore) {
  loop::Peer backend = Ask(Get("/b", kUpgrade) + "early");
  loop::RunIdle(loop_);
  backend.Receive();
  EXPECT_THAT(backend.received, EndsWith("\r\n\r\n"));
  EXPECT_FALSE(client_.reading());

  backend.Send(std::string(kSwitching) + "hello");
  AwaitAnswer("hello");
  AwaitAt(backend, "\r\n\r\nearly");
  EXPECT_EQ(tunnels_.size(), 1u);
  EXPECT_EQ(session_, nullptr) << "what the handshake needed is gone";
}

TEST_F(ExchangeTest, ABodyOfNothingIsComplete) {
  loop::Peer backend = Ask("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  client_.End();
  EXPECT_FALSE(client_.closed()) << "it has sent everything and waits";
  backend.Send("HTTP/1.1 204 No Content\r\n\r\n");
  AwaitAnswer("204");
}

TEST_F(ExchangeTest, ABodyOfNothingKeepsTheConnection) {
  loop::Peer backend = Ask("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  backend.Send("HTTP/1.1 204 No Content\r\n\r\n");
  AwaitAnswer("204");
  EXPECT_THAT(client_.received(), Not(HasSubstr("Connection: close")));
  EXPECT_FALSE(client_.received_end());
}

TEST_F(ExchangeTest, AClientMayHalfCloseBeforeThe101) {
  loop::Peer backend = Ask(Get("/b", kUpgrade));
  client_.End();
  backend.Send(kSwitching);
  loop::RunUntil(loop_, [&] {
    backend.Receive();
    return backend.ended;
  });
  backend.Send("to whom it may concern");
  AwaitAnswer("to whom it may concern");
}

TEST_F(ExchangeTest, TunnelsCanBeNamedWithoutAnAccessLogToo) {
  Configure("", 1, "load_balancing: {policy: MAGLEV, hash_key: [{header: x-user}]}");
  loop::Peer backend = Ask(Get("/b", std::string(kUpgrade) + "X-User: ada\r\n"));
  backend.Send(kSwitching);
  AwaitAnswer("\r\n\r\n");
  std::vector<tunnel::Row> rows;
  tunnels_.ListBelow(1, 1, {}, &rows);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_NE(rows[0].id, 0U);
  EXPECT_EQ(rows[0].client, "198.51.100.7:5555");
  EXPECT_TRUE(rows[0].key.has_value());
}

TEST_F(ExchangeTest, AnAnswerThatIsNo101LeavesTheEarlyBytesToTheNextRequest) {
  loop::Peer backend = Ask(Get("/b", kUpgrade) + Get("/elsewhere"));
  backend.Send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
  AwaitAnswer("HTTP/1.1 404 ");
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 401 "));
  EXPECT_FALSE(client_.received_end());
  backend.Receive();
  EXPECT_THAT(backend.received, Not(HasSubstr("elsewhere")));
}

TEST_F(ExchangeTest, NothingFromTheBackendInTimeIsA504) {
  Configure("response: 5s");
  loop::Peer backend = Ask(Get("/b"));
  Pass(seconds(4));
  EXPECT_THAT(client_.received(), IsEmpty());
  Pass(seconds(2));
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 504 "));
}

TEST_F(ExchangeTest, ABodyThatDoesNotComeIsA408) {
  Configure("response: 5s");
  loop::Peer backend = Ask(std::string(kPost));
  Pass(seconds(6));
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(client_.received_end());
}

TEST_F(ExchangeTest, ABodyThatTheBackendDoesNotTakeIsA504) {
  Configure("response: 5s");
  loop::Peer backend = Ask(std::string(kPost));
  SendUntilPaused();
  Pass(seconds(6));
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 504 "));
}

TEST_F(ExchangeTest, ASlowUploadIsNotTheBackendsSilence) {
  Configure("response: 5s");
  loop::Peer backend = Ask("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
  for (int i = 0; i < 5; ++i) {
    Pass(seconds(4));
    client_.Send(std::string(1000, 'x'));
  }
  AwaitAt(backend, std::string(5000, 'x'));
  backend.Send("HTTP/1.1 204 No Content\r\n\r\n");
  AwaitAnswer("HTTP/1.1 204 ");
}

TEST_F(ExchangeTest, ABackendThatBreaksOffInsideTheBodyBreaksOffTheClient) {
  loop::Peer backend = Ask(Get("/b"));
  backend.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  AwaitAnswer("half");
  backend.Close();
  loop::RunUntil(loop_, [&] { return client_.closed(); });
  EXPECT_TRUE(client_.closed_by_reset()) << "an orderly end would look like a whole answer";
}

TEST_F(ExchangeTest, AnAnswerThatIsBadBeforeAnyOfItWasSentIsA502) {
  loop::Peer backend = Ask(Get("/b"));
  backend.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nzz\r\n");
  AwaitAnswer("\r\n\r\n");
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 502 "));
  EXPECT_THAT(client_.received(), Not(HasSubstr("200 OK")));
  EXPECT_EQ(Answered("502"), 1u);
  EXPECT_EQ(Answered("200"), 0u);
  client_.Send(Get("/elsewhere"));
  AwaitAnswer("HTTP/1.1 404 ");
}

TEST_F(ExchangeTest, AnAnswerThatTurnsBadLaterBreaksOffTheClient) {
  loop::Peer backend = Ask(Get("/b"));
  backend.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  AwaitAnswer("200 OK");
  backend.Send("zz\r\n");
  loop::RunUntil(loop_, [&] { return client_.closed(); });
  EXPECT_TRUE(client_.closed_by_reset());
  EXPECT_THAT(client_.received(), Not(HasSubstr("502")));
}

TEST_F(ExchangeTest, AHandshakeThatTheNextHopWouldNotGetIsA400) {
  Open();
  client_.Send(
      "GET /b HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Connection: Upgrade, Sec-WebSocket-Key, Sec-WebSocket-Version\r\n\r\n");
  AwaitAnswer("\r\n\r\n");
  EXPECT_THAT(client_.received(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ExchangeTest, ABackendThatHangsUpIsA502) {
  loop::Peer backend = Ask(Get("/b"));
  backend.Close();
  AwaitAnswer("HTTP/1.1 502 ");
}

TEST_F(ExchangeTest, AFullClientStopsTheBackend) {
  loop::Peer backend = Ask(Get("/b"));
  client_.SetRoom(0);
  backend.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  // Until the kernel takes no more of what the proxy does not read.
  const std::string piece(60000, 'x');
  for (int i = 0; i < 1000; ++i) {
    backend.Send(piece);
    loop::Turn(loop_);
  }
  EXPECT_LE(client_.waiting(), loop::Loop::kReadBufferBytes + 1000);
  EXPECT_GT(client_.waiting(), 0u);
  client_.Take(client_.waiting());
  loop::RunUntil(loop_, [&] { return client_.waiting() > 0; });
  EXPECT_LE(client_.waiting(), loop::Loop::kReadBufferBytes + 1000);
}

TEST_F(ExchangeTest, AClientThatReadsNothingIsCutThoughTheBackendMayTakeForEver) {
  Configure("response: 0s, write: 5s");
  loop::Peer backend = Ask(Get("/b"));
  client_.SetRoom(0);
  backend.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  loop::RunUntil(loop_, [&] { return client_.waiting() > 0; });
  Pass(seconds(4));
  EXPECT_FALSE(client_.closed());
  Pass(seconds(2));
  EXPECT_TRUE(client_.closed_by_reset());
}

TEST_F(ExchangeTest, OnceTheClientHasReadTheBackendsSilenceCountsAgain) {
  Configure("response: 5s, write: 0s");
  loop::Peer backend = Ask(Get("/b"));
  client_.SetRoom(0);
  backend.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  loop::RunUntil(loop_, [&] { return client_.waiting() > 0; });
  Pass(seconds(60));
  EXPECT_FALSE(client_.closed()) << "the client may take as long as it likes";
  client_.TakeAll();
  Pass(seconds(4));
  EXPECT_FALSE(client_.closed());
  Pass(seconds(2));
  EXPECT_TRUE(client_.closed_by_reset());
}

TEST_F(ExchangeTest, ASlowReaderOfABodyLives) {
  Configure("write: 5s");
  loop::Peer backend = Ask(Get("/b"));
  client_.SetRoom(0);
  backend.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  loop::RunUntil(loop_, [&] { return client_.waiting() > 0; });
  while (client_.waiting() > 1) {
    Pass(seconds(4));
    client_.Take(1);
  }
  EXPECT_FALSE(client_.closed());
  client_.TakeAll();
  EXPECT_THAT(client_.received(), EndsWith("hello"));
}

TEST_F(ExchangeTest, PipelinedAnswersWaitForTheClientToRead) {
  Open();
  client_.SetRoom(0);
  client_.Send(Get("/b/1") + Get("/b/2"));
  loop::Peer first = Accept();
  first.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
  loop::RunUntil(loop_, [&] { return client_.waiting() > 0; });
  loop::RunIdle(loop_);
  EXPECT_EQ(::accept4(backend_sockets_->fds()[0], nullptr, nullptr, SOCK_CLOEXEC), -1)
      << "the second is not asked while the first answer is in the way";
  client_.TakeAll();
  loop::Peer second = Accept();
  second.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
  AwaitAnswer("two");
}

TEST_F(ExchangeTest, ABackendThatHangsUpBeforeItsAnswerIsFollowedByAnother) {
  Configure("", 2);
  loop::Peer first = Ask(Get("/b", kUpgrade) + "early");
  first.Close();
  loop::Peer second = AcceptOther();
  AwaitAt(second, "\r\n\r\n");
  second.Send(kSwitching);
  AwaitAnswer("HTTP/1.1 101 ");
  AwaitAt(second, "\r\n\r\nearly");
  EXPECT_EQ(tunnels_.size(), 1u);
}

TEST_F(ExchangeTest, ThereIsOneRetryAndNotASecond) {
  Configure("", 2);
  loop::Peer first = Ask(Get("/b"));
  first.Close();
  loop::Peer second = AcceptOther();
  AwaitAt(second, "\r\n\r\n");
  second.Close();
  AwaitAnswer("HTTP/1.1 502 ");
}

TEST_F(ExchangeTest, WhatIsNotIdempotentIsNotRepeated) {
  Configure("", 2);
  loop::Peer first = Ask("POST /b HTTP/1.1\r\nHost: a\r\n\r\n");
  first.Close();
  AwaitAnswer("HTTP/1.1 502 ");
}

TEST_F(ExchangeTest, WhatHasABodyIsNotRepeated) {
  Configure("", 2);
  loop::Peer first = Ask("PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  AwaitAt(first, "abc");
  first.Close();
  AwaitAnswer("HTTP/1.1 502 ");
}

TEST_F(ExchangeTest, AnAnswerThatHasBegunIsNotRepeated) {
  Configure("", 2);
  loop::Peer first = Ask(Get("/b"));
  first.Send("HTTP/1.1 103 Early Hints\r\n\r\n");
  AwaitAnswer("HTTP/1.1 103 ");
  first.Close();
  AwaitAnswer("HTTP/1.1 502 ");
}

TEST_F(ExchangeTest, A503IsRelayedUnlessItIsAmongTheConditions) {
  Configure("", 2);
  loop::Peer first = Ask(Get("/b"));
  first.Send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy");
  AwaitAnswer("busy");
}

TEST_F(ExchangeTest, ARefusalGoesToAnotherWhereItIsAmongTheConditions) {
  Configure("", 2, "retries: {retry_on: [REFUSED]}");
  loop::Peer first = Ask(Get("/b"));
  first.Send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy");
  loop::Peer second = AcceptOther();
  AwaitAt(second, "\r\n\r\n");
  second.Send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
  AwaitAnswer("good");
  EXPECT_THAT(client_.received(), Not(HasSubstr("busy")));
}

TEST_F(ExchangeTest, MoreUpgradesThanMayBeAre429) {
  gate_->SetLimits({.upgrades = {.per_second_per_client = 1}}, clock_.Now());
  Open();
  client_.Send(Get("/b", kUpgrade));
  loop::Peer backend = Accept();
  backend.Send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
  AwaitAnswer("\r\n\r\nno");
  client_.Send(Get("/b", kUpgrade));
  AwaitAnswer("HTTP/1.1 429 ");
  EXPECT_THAT(client_.received(), HasSubstr("Retry-After: "));
  client_.Send(Get("/b"));
  loop::Peer plain = Accept();
  plain.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain");
  AwaitAnswer("plain");
}

TEST_F(ExchangeTest, MoreUpgradesThanTheListenerTakesAre503) {
  gate_->SetLimits({.upgrades = {.per_second = 1}}, clock_.Now());
  loop::Peer backend = Ask(Get("/b", kUpgrade));
  backend.Send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
  AwaitAnswer("\r\n\r\nno");
  client_.Send(Get("/b", kUpgrade));
  AwaitAnswer("HTTP/1.1 503 ");
  EXPECT_THAT(client_.received(), HasSubstr("Retry-After: "));
}

TEST_F(ExchangeTest, WhoWaitsForATurnMayPipelineAndGoesOnByItself) {
  gate_->SetLimits({.upgrades = {.per_second = 1, .queue = 5, .patience = seconds(10)}}, clock_.Now());
  loop::Peer backend = Ask(Get("/b", kUpgrade));
  backend.Send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
  AwaitAnswer("\r\n\r\nno");
  client_.Send(Get("/b", kUpgrade) + Get("/b"));
  EXPECT_EQ(session_->state(), State::kQueue);
  EXPECT_EQ(stats_.Listener("web")->waiting_upgrades.value(), 1);
  Pass(seconds(2));
  EXPECT_EQ(stats_.Listener("web")->waiting_upgrades.value(), 0);
  loop::Peer later = Accept();
  later.Send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  AwaitAnswer("HTTP/1.1 403 ");
  loop::Peer plain = Accept();
  plain.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain");
  AwaitAnswer("plain");
}

TEST_F(ExchangeTest, AtItsTurnItMayBeTooLate) {
  gate_->SetLimits({.upgrades = {.per_second = 1, .queue = 5, .patience = seconds(10)}}, clock_.Now());
  loop::Peer backend = Ask(Get("/b", kUpgrade));
  backend.Send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
  AwaitAnswer("\r\n\r\nno");
  client_.Send(Get("/b", kUpgrade));
  takes_upgrades_ = false;
  Pass(seconds(2));
  AwaitAnswer("HTTP/1.1 503 ");
}

TEST_F(ExchangeTest, GivesItsPlaceAtTheBackendBack) {
  loop::Peer backend = Ask(Get("/b"));
  const auto held = [this] { return endpoints_.GetEndpoint("b", backend_sockets_->address(), "")->active(); };
  EXPECT_EQ(held(), 1u);
  backend.Send("HTTP/1.1 204 No Content\r\n\r\n");
  AwaitAnswer("204");
  loop::RunIdle(loop_);
  EXPECT_EQ(held(), 0u);
}

}  // namespace
}  // namespace fairlead::proxy
