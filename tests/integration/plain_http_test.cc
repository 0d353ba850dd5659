#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A client, a backend, and a proxy between them.
class PlainHttpTest : public ::testing::Test {
 protected:
  // Sends a request; returns what the backend was asked. It answers on `at_backend_`.
  Head Ask(std::string_view request) {
    client_.Send(request);
    at_backend_ = backend_.Accept();
    return Head::Receive(at_backend_);
  }

  Backend backend_;
  RunningProxy proxy_{OneCluster({&backend_})};
  Socket client_ = proxy_.Connect();
  Socket at_backend_;
};

TEST_F(PlainHttpTest, AConnectionCarriesManyRequests) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Ask(GetRequest(fmt::format("/{}", i))).first_line(), fmt::format("GET /{} HTTP/1.1", i));
    at_backend_.Send(OkResponse(fmt::format("page {}", i)));
    const Response response = ReceiveResponse(client_);
    EXPECT_EQ(response.body, fmt::format("page {}", i));
    EXPECT_EQ(response.head.Get("connection"), std::nullopt);
  }
  EXPECT_EQ(proxy_.Metric(R"(fairlead_connections_accepted_total{listener="web"})"), 1);
}

TEST_F(PlainHttpTest, PipelinedRequestsAreAnsweredInOrder) {
  client_.Send(GetRequest("/1") + GetRequest("/2") + GetRequest("/3"));
  for (const char* path : {"/1", "/2", "/3"}) {
    Socket connection = backend_.Accept();
    EXPECT_THAT(Head::Receive(connection).first_line(), HasSubstr(path));
    EXPECT_TRUE(backend_.Idle()) << "one after the other";
    connection.Send(OkResponse(path));
    EXPECT_EQ(ReceiveResponse(client_).body, path);
  }
}

TEST_F(PlainHttpTest, APipelinedPostHasItsOwnBody) {
  client_.Send(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none" +
      std::string("POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"));
  Socket first = backend_.Accept();
  Head::Receive(first);
  EXPECT_EQ(first.Receive(3), "one");
  first.Send(OkResponse("1"));
  EXPECT_EQ(ReceiveResponse(client_).body, "1");
  Socket second = backend_.Accept();
  Head::Receive(second);
  std::string trailers;
  EXPECT_EQ(ReceiveChunked(second, &trailers), "two");
  second.Send(OkResponse("2"));
  EXPECT_EQ(ReceiveResponse(client_).body, "2");
}

TEST_F(PlainHttpTest, ABackendsConnectionIsItsOwnBusiness) {
  EXPECT_EQ(Ask(GetRequest("/", "Connection: keep-alive\r\nKeep-Alive: 5\r\n")).Get("connection"), "close");
  at_backend_.Send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(ReceiveResponse(client_).head.Get("connection"), std::nullopt);
  Ask(GetRequest("/again"));
}

TEST_F(PlainHttpTest, AClientMayAskForTheEnd) {
  Ask(GetRequest("/", "Connection: close\r\n"));
  at_backend_.Send(OkResponse("bye"));
  const Response response = ReceiveResponse(client_);
  EXPECT_EQ(response.head.Get("connection"), "close");
  EXPECT_EQ(client_.ReceiveToEnd(), "");
}

TEST_F(PlainHttpTest, AnswersWithoutABodyEndWithTheirHead) {
  Ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  at_backend_.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_EQ(ReceiveResponse(client_, "HEAD").head.Get("content-length"), "1000");
  Ask(GetRequest("/204"));
  at_backend_.Send("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(ReceiveResponse(client_).head.status(), 204);
  Ask(GetRequest("/304"));
  at_backend_.Send("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 77\r\n\r\n");
  EXPECT_EQ(ReceiveResponse(client_).head.status(), 304);
  Ask(GetRequest("/ordinary"));
  at_backend_.Send(OkResponse("still in step"));
  EXPECT_EQ(ReceiveResponse(client_).body, "still in step");
}

TEST_F(PlainHttpTest, ABodyUntilTheEndIsChunkedForTheClient) {
  Ask(GetRequest("/"));
  at_backend_.Send("HTTP/1.1 200 OK\r\n\r\nuntil ");
  at_backend_.Send("the end");
  at_backend_.End();
  const Response response = ReceiveResponse(client_);
  EXPECT_EQ(response.head.Get("transfer-encoding"), "chunked");
  EXPECT_EQ(response.body, "until the end");
  Ask(GetRequest("/again"));
}

TEST_F(PlainHttpTest, TrailersAreKept) {
  const Head asked =
      Ask("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\nTransfer-Encoding: chunked\r\n"
          "Trailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(asked.Get("trailer"), "X-Sum");
  EXPECT_EQ(asked.Get("te"), "trailers");
  std::string trailers;
  EXPECT_EQ(ReceiveChunked(at_backend_, &trailers), "hello");
  EXPECT_EQ(trailers, "X-Sum: 1\r\n");

  at_backend_.Send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n0\r\nX-Sum: 2\r\n\r\n");
  EXPECT_EQ(Head::Receive(client_).Get("transfer-encoding"), "chunked");
  trailers.clear();
  EXPECT_EQ(ReceiveChunked(client_, &trailers), "abc");
  EXPECT_EQ(trailers, "X-Sum: 2\r\n");
}

TEST_F(PlainHttpTest, Http10GetsNoChunksAndTheEndOfTheConnection) {
  Ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  at_backend_.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  const Response response = ReceiveResponse(client_);
  EXPECT_EQ(response.head.Get("transfer-encoding"), std::nullopt);
  EXPECT_EQ(response.head.Get("connection"), "close");
  EXPECT_EQ(response.body, "hello");
}

TEST_F(PlainHttpTest, Http10MayKeepItsConnectionWhereTheLengthIsKnown) {
  Ask("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
  at_backend_.Send(OkResponse("one"));
  const Response response = ReceiveResponse(client_);
  EXPECT_EQ(response.head.Get("connection"), "keep-alive");
  EXPECT_EQ(response.body, "one");
  Ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  at_backend_.Send(OkResponse("two"));
  EXPECT_EQ(ReceiveResponse(client_).body, "two");
  EXPECT_EQ(client_.ReceiveToEnd(), "");
}

TEST_F(PlainHttpTest, ExpectGetsItsContinueFromTheBackend) {
  EXPECT_EQ(
      Ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n").Get("expect"),
      "100-continue");
  EXPECT_TRUE(client_.Silent());
  at_backend_.Send("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(Head::Receive(client_).status(), 100);
  client_.Send("hello");
  EXPECT_EQ(at_backend_.Receive(5), "hello");
  at_backend_.Send(OkResponse("done"));
  EXPECT_EQ(ReceiveResponse(client_).body, "done");
}

TEST_F(PlainHttpTest, ABackendMayRefuseABodyThatItHasNotSeen) {
  Ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  at_backend_.Send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
  const Response response = ReceiveResponse(client_);
  EXPECT_EQ(response.head.status(), 413);
  EXPECT_EQ(response.head.Get("connection"), "close") << "whether the body comes, nobody knows";
}

TEST_F(PlainHttpTest, InterimAnswersAreForwarded) {
  Ask(GetRequest("/"));
  at_backend_.Send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n");
  EXPECT_EQ(Head::Receive(client_).Get("link"), "</a.css>");
  EXPECT_EQ(Head::Receive(client_).status(), 103);
  at_backend_.Send(OkResponse("final"));
  EXPECT_EQ(ReceiveResponse(client_).body, "final");
}

TEST_F(PlainHttpTest, Http10HearsNoInterimAnswers) {
  Ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  at_backend_.Send("HTTP/1.1 103 Early Hints\r\n\r\n" + OkResponse("final"));
  EXPECT_EQ(Head::Receive(client_).status(), 200);
}

TEST_F(PlainHttpTest, AnHttp10BackendWillDo) {
  Ask(GetRequest("/"));
  at_backend_.Send("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nold times");
  at_backend_.Close();
  const Response response = ReceiveResponse(client_);
  EXPECT_THAT(response.head.text(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(response.body, "old times");
}

TEST_F(PlainHttpTest, ATruncatedAnswerIsSeenAsOne) {
  Ask(GetRequest("/"));
  at_backend_.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(Head::Receive(client_).status(), 200);
  EXPECT_EQ(client_.Receive(4), "half");
  at_backend_.Close();
  client_.AwaitReset();
}

TEST_F(PlainHttpTest, ATruncatedChunkedAnswerIsSeenAsOne) {
  Ask(GetRequest("/"));
  at_backend_.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
  Head::Receive(client_);
  client_.ReceiveThrough("half");
  at_backend_.Close();
  client_.AwaitReset();
}

TEST_F(PlainHttpTest, AClientThatLeavesInsideItsBodyTakesTheBackendWithIt) {
  Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(at_backend_.Receive(4), "half");
  client_.Close();
  at_backend_.AwaitGone();
  proxy_.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 0);
}

TEST_F(PlainHttpTest, AClientThatLeavesInsideAnAnswerTakesTheBackendWithIt) {
  Ask(GetRequest("/"));
  at_backend_.Send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nhalf");
  Head::Receive(client_);
  client_.Reset();
  at_backend_.AwaitGone();
  proxy_.AwaitMetric(R"(fairlead_open_connections{listener="web"})", 0);
  proxy_.AwaitMetric(R"(fairlead_requests_total{route="all",cluster="app",code="200"})", 1);
}

TEST_F(PlainHttpTest, AClientMayHalfCloseBehindItsRequest) {
  Ask(GetRequest("/"));
  client_.End();
  at_backend_.Send(OkResponse("still wanted"));
  EXPECT_EQ(ReceiveResponse(client_).body, "still wanted");
  EXPECT_EQ(client_.ReceiveToEnd(), "");
}

TEST_F(PlainHttpTest, AnAnswerMayComeBeforeTheRequestIsWhole) {
  Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  at_backend_.Send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  const Response response = ReceiveResponse(client_);
  EXPECT_EQ(response.head.status(), 403);
  EXPECT_EQ(response.head.Get("connection"), "close");
  client_.Send("another half");
  EXPECT_EQ(client_.ReceiveToEnd(), "");
}

TEST_F(PlainHttpTest, ABackendThatAnswersAndHangsUpOnTheBodyIsStillHeard) {
  Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(200000, 'x'));
  at_backend_.Send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
  at_backend_.Close();
  EXPECT_EQ(ReceiveResponse(client_).head.status(), 413);
}

}  // namespace
}  // namespace fairlead::testing
