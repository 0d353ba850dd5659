#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

// A folder for sockets, gone with the test.
class SocketFolder {
 public:
  SocketFolder() {
    std::string name = ::testing::TempDir() + "fairlead-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~SocketFolder() { std::filesystem::remove_all(path_); }
  std::string Address(std::string_view name) const { return fmt::format("unix:{}/{}", path_, name); }

 private:
  std::string path_;
};

std::string Between(std::string_view listener, const Backend& backend) {
  return fmt::format(
      "listeners: [{{name: web, address: '{}'}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
      "clusters: [{{name: app, endpoints: [{{address: '{}'}}]}}]\n",
      listener, backend.address().ToString());
}

TEST(Addresses, Ipv6OnBothSides) {
  Backend backend("[::1]:0");
  const RunningProxy proxy(Between("[::1]:0", backend));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  Socket at_backend = backend.Accept();
  EXPECT_EQ(Head::Receive(at_backend).Get("x-forwarded-for"), "::1");
  at_backend.Send(OkResponse("six"));
  EXPECT_EQ(ReceiveResponse(client).body, "six");
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(tunnel));
}

TEST(Addresses, UnixSocketsOnBothSides) {
  const SocketFolder folder;
  Backend backend(folder.Address("backend"));
  const RunningProxy proxy(Between(folder.Address("web"), backend), {.workers = 3});
  // More than there are workers: one accepts and deals.
  std::vector<TunnelEnds> tunnels;
  for (int i = 0; i < 10; ++i) tunnels.push_back(OpenTunnel(proxy, backend));
  for (TunnelEnds& tunnel : tunnels) EXPECT_TRUE(Relays(tunnel));
  EXPECT_EQ(proxy.Metric(R"(fairlead_open_connections{listener="web"})"), 10);
  tunnels[0].client.End();
  EXPECT_EQ(tunnels[0].backend.ReceiveToEnd(), "");
  tunnels[1].backend.Close();
  EXPECT_EQ(tunnels[1].client.ReceiveToEnd(), "");
}

TEST(Addresses, AClientOnAUnixSocketIsNobodyInParticular) {
  const SocketFolder folder;
  Backend backend;
  const RunningProxy proxy(Between(folder.Address("web"), backend));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/", "X-Forwarded-For: 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\n"));
  Socket at_backend = backend.Accept();
  const Head asked = Head::Receive(at_backend);
  EXPECT_EQ(asked.Get("x-forwarded-for"), std::nullopt);
  EXPECT_EQ(asked.Get("x-real-ip"), std::nullopt);
}

TEST(Addresses, AUnixSocketIsGoneWithItsListener) {
  const SocketFolder folder;
  Backend backend;
  const std::string config = Between(folder.Address("web"), backend);
  RunningProxy proxy(config, {.workers = 2});
  const base::SocketAddress web = proxy.address();
  TunnelEnds tunnel = OpenTunnel(proxy, backend);
  EXPECT_EQ(proxy.Apply("listeners: []\nvirtual_hosts: []\nclusters: []\n"), std::vector<std::string>());
  EXPECT_FALSE(Socket::CanConnect(web));
  EXPECT_TRUE(Relays(tunnel));
  EXPECT_EQ(proxy.Apply(config), std::vector<std::string>());
  TunnelEnds again = OpenTunnel(proxy, backend);
  EXPECT_TRUE(Relays(again));
}

TEST(Addresses, ANameIsLookedUp) {
  Backend backend;
  const RunningProxy proxy(fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
      "virtual_hosts:\n"
      "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
      "clusters: [{{name: app, dns: {{name: localhost, port: {}}}}}]\n",
      backend.address().ip_port()->port));
  // Until there is an answer, there is no backend. (The name may stand for ::1 too, where nobody listens.)
  Eventually([&] {
    Socket client = proxy.Connect();
    client.Send(GetRequest("/"));
    Eventually([&] { return !backend.Idle() || !client.Silent(); });
    return !backend.Idle();
  });
}

TEST(Addresses, EveryAddressAtOnceIsAllOfThem) {
  Backend backend;
  const RunningProxy proxy(Between("[::]:0", backend));
  const uint16_t port = proxy.address().ip_port()->port;
  for (const std::string& loopback : {fmt::format("127.0.0.1:{}", port), fmt::format("[::1]:{}", port)}) {
    Socket client = Socket::Connect(*base::SocketAddress::Parse(loopback));
    client.Send(GetRequest("/"));
    Socket at_backend = backend.Accept();
    EXPECT_EQ(Head::Receive(at_backend).Get("x-real-ip"), loopback[0] == '[' ? "::1" : "127.0.0.1");
    at_backend.Send(OkResponse("ok"));
    EXPECT_EQ(ReceiveResponse(client).body, "ok");
  }
}

}  // namespace
}  // namespace fairlead::testing
