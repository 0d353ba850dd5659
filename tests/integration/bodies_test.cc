#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/integration/running_proxy.h"

// Bodies that fit into nobody's memory: streamed, and held back where the reader is slow.

namespace fairlead::testing {
namespace {

constexpr size_t kBody = 16 << 20;

// A stretch of a body in which every place has a value of its own.
std::string Stretch(size_t from, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(((from + i) * 2654435761u) >> 13);
  return bytes;
}

// Reads that many bytes and compares them with what they should be.
void ReceiveStretches(Socket& socket, size_t size) {
  constexpr size_t kPiece = 1 << 18;
  for (size_t at = 0; at < size; at += kPiece) {
    ASSERT_EQ(socket.Receive(kPiece), Stretch(at, kPiece)) << at;
  }
}

void SendStretches(Socket& socket, size_t size) {
  constexpr size_t kPiece = 1 << 18;
  for (size_t at = 0; at < size; at += kPiece) socket.Send(Stretch(at, kPiece));
}

TEST(Bodies, ALargeAnswerArrivesWhole) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  std::thread sender([&] {
    at_backend.Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n");
    SendStretches(at_backend, kBody);
  });
  EXPECT_EQ(Head::Receive(client).status(), 200);
  ReceiveStretches(client, kBody);
  sender.join();
}

TEST(Bodies, ALargeUploadArrivesWhole) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  std::thread sender([&] {
    client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n");
    SendStretches(client, kBody);
  });
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  ReceiveStretches(at_backend, kBody);
  sender.join();
  at_backend.Send(OkResponse("got it"));
  EXPECT_EQ(ReceiveResponse(client).body, "got it");
  proxy.AwaitMetric(R"(fairlead_bytes_total{route="all",cluster="app",direction="received"})", kBody);
}

// What the proxy holds when `sender` has sent until nobody on the way takes more.
double HeldAfterSendingAllThatGoes(RunningProxy& proxy, Socket& sender, size_t* sent) {
  const std::string piece = Stretch(0, 1 << 16);
  // The kernels move things along between two tries.
  for (int refused = 0; refused < 50;) {
    const size_t taken = sender.SendSome(piece);
    *sent += taken;
    refused = taken == 0 ? refused + 1 : 0;
    proxy.server().WakeWorkers();
  }
  proxy.Advance(std::chrono::seconds(2));  // the gauge is set once a second
  return proxy.Metric("fairlead_buffered_bytes");
}

TEST(Bodies, AReaderThatSleepsCostsOneRead) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Socket client = Socket::Connect(proxy.address(), /*receive_buffer=*/16384);
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  at_backend.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
  size_t sent = 0;
  const double held = HeldAfterSendingAllThatGoes(proxy, at_backend, &sent);
  EXPECT_GT(held, 0);
  EXPECT_LE(held, loop::Loop::kReadBufferBytes + 1024);
  Head::Receive(client);
  EXPECT_EQ(client.Receive(sent).size(), sent);
}

TEST(Bodies, ABackendThatSleepsCostsOneRead) {
  Backend backend;
  RunningProxy proxy(OneCluster({&backend}));
  Socket client = proxy.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n");
  Socket at_backend = backend.Accept();
  Head::Receive(at_backend);
  size_t sent = 0;
  const double held = HeldAfterSendingAllThatGoes(proxy, client, &sent);
  EXPECT_GT(held, 0);
  EXPECT_LE(held, loop::Loop::kReadBufferBytes + 1024);
  EXPECT_EQ(at_backend.Receive(sent).size(), sent);
}

}  // namespace
}  // namespace fairlead::testing
