#include "pkg/admin/http_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/fake_clock.h"

namespace fairlead::admin {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// What the connection did to its stream. `slow` = the kernel takes nothing.
struct Wire {
  bool started = false;
  bool slow = false;
  bool ended = false;
  std::string written;
};

class ScriptedStream final : public stream::Stream {
 public:
  explicit ScriptedStream(Wire& wire) : wire_(wire) {}

  void SetDelegate(stream::Delegate*) override {}
  void Start() override { wire_.started = true; }
  stream::WriteResult Write(std::string_view bytes) override {
    wire_.written += bytes;
    return wire_.slow ? stream::WriteResult::kBuffered : stream::WriteResult::kFlushed;
  }
  void End() override { wire_.ended = true; }
  void Pause(stream::PauseReason) override {}
  void Resume(stream::PauseReason) override {}
  size_t buffered() const override { return wire_.slow ? wire_.written.size() : 0; }
  size_t unacknowledged() const override { return buffered(); }
  void ResetOnClose() override {}
  void SetPeerTimeout(base::Duration) override {}

 private:
  Wire& wire_;
};

class HttpConnectionTest : public ::testing::Test {
 protected:
  void Pass(std::chrono::milliseconds time) {
    clock_.Advance(time);
    loop_.deadlines().Advance(clock_.Now());
  }

  ::fairlead::testing::FakeClock clock_;
  loop::Loop loop_{&clock_};
  Wire wire_;
  int handled_ = 0;
  int done_ = 0;
  const HttpHandler handler_ = [this](const HttpRequest& request) -> HttpResponse {
    ++handled_;
    return {.status = 200, .body = std::string(request.path) + " at " + std::string(request.host)};
  };
  HttpConnection connection_{loop_, std::make_unique<ScriptedStream>(wire_), handler_,
                             [this](HttpConnection*) { ++done_; }};
};

TEST_F(HttpConnectionTest, AnswersAndWaitsForTheClientToClose) {
  EXPECT_TRUE(wire_.started);
  connection_.OnData("GET /a?b=c HTTP/1.1\r\nHost: h:1\r\n\r\n");
  EXPECT_THAT(wire_.written, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(wire_.written, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(wire_.written, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(wire_.written, EndsWith("\r\n\r\n/a at h:1"));
  EXPECT_TRUE(wire_.ended);
  EXPECT_EQ(done_, 0);
  connection_.OnEnd();
  EXPECT_EQ(done_, 1);
}

TEST_F(HttpConnectionTest, TakesAHeadInPieces) {
  for (const char c : std::string("GET / HTTP/1.1\r\nHost: h\r\n\r\n")) connection_.OnData({&c, 1});
  EXPECT_EQ(handled_, 1);
  EXPECT_THAT(wire_.written, EndsWith("/ at h"));
}

TEST_F(HttpConnectionTest, AnswersHeadWithoutTheBody) {
  connection_.OnData("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(wire_.written, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(wire_.written, EndsWith("\r\n\r\n"));
}

TEST_F(HttpConnectionTest, AllowsNothingButGetAndHead) {
  connection_.OnData("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(wire_.written, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(wire_.written, HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpConnectionTest, RefusesWhatIsNoHttp) {
  connection_.OnData("hello\r\n\r\n");
  EXPECT_THAT(wire_.written, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_TRUE(wire_.ended);
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpConnectionTest, RefusesAHeadThatIsTooLarge) {
  connection_.OnData("GET / HTTP/1.1\r\nHost: h\r\nx: " + std::string(9000, 'x'));
  EXPECT_THAT(wire_.written, StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpConnectionTest, AnswersOnceWhateverFollows) {
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  connection_.OnData(request + request);
  connection_.OnData(request);
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpConnectionTest, GivesUpOnAHeadThatDoesNotCome) {
  connection_.OnData("GET / HTTP/1.1\r\n");
  Pass(HttpConnection::kHeadTimeout - base::Duration(1));
  EXPECT_EQ(done_, 0);
  Pass(2 * base::DeadlineWheel::kTick);
  EXPECT_EQ(done_, 1);
}

TEST_F(HttpConnectionTest, GivesUpOnAnAnswerThatIsNotTaken) {
  wire_.slow = true;
  connection_.OnData("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  Pass(HttpConnection::kHeadTimeout + base::Duration(1000));
  EXPECT_EQ(done_, 0);
  Pass(HttpConnection::kAnswerTimeout);
  EXPECT_EQ(done_, 1);
}

TEST_F(HttpConnectionTest, DeliversTheRestToAClientThatHasEnded) {
  wire_.slow = true;
  connection_.OnData("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  connection_.OnEnd();
  EXPECT_EQ(done_, 0);
  connection_.OnFlushed();
  EXPECT_EQ(done_, 1);
}

TEST_F(HttpConnectionTest, IsDoneOnceOnly) {
  connection_.OnEnd();
  connection_.OnError(stream::Failure::kReset);
  Pass(HttpConnection::kHeadTimeout * 2);
  EXPECT_EQ(done_, 1);
}

}  // namespace
}  // namespace fairlead::admin
