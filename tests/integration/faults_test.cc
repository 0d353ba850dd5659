#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>

#include "pkg/tls/test_certificates.h"
#include "pkg/tls/test_openssl_peer.h"
#include "tests/integration/fault_table.h"
#include "tests/integration/pem_files.h"
#include "tests/integration/running_proxy.h"
#include "tests/support/dead_ports.h"
#include "tests/support/no_descriptors.h"

namespace fairlead::testing {
namespace {

using std::chrono::seconds;

constexpr std::string_view kGarbage = "\x16\x03\x01\xff zz\r\n\r\n";
constexpr seconds kLongerThanAnyTimeout{75};

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator descriptors("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(descriptors), end(descriptors)));
}

// A proxy of its own, with one connection that is brought to a point of its life, and a fault.
class Scene {
 public:
  Scene() : proxy_(Configured()) {
    // What is opened once and kept, such as the scrape's, is open before it is counted.
    proxy_.Connect().Close();
    proxy_.Series();
    proxy_.server().WakeWorkers();
    proxy_.AwaitSum("fairlead_open_connections", 0);
    descriptors_ = OpenDescriptors();
  }

  void Bring(Point point, Fault fault) {
    switch (point) {
      case Point::kProxyHeader:
        client_ = proxy_.Connect("proxied");
        return client_.Send("PROXY TCP4 ");
      case Point::kTlsAwaited:
        client_ = proxy_.Connect("secure");
        return;
      case Point::kInsideHello:
        client_ = proxy_.Connect("secure");
        return client_.Send(Hello().substr(0, 100));
      case Point::kHelloAnswered:
        client_ = proxy_.Connect("secure");
        client_.Send(Hello());
        EXPECT_EQ(client_.Receive(3), "\x16\x03\x03");
        return;
      case Point::kAccepted:
        client_ = proxy_.Connect();
        return;
      case Point::kInsideHead:
        client_ = proxy_.Connect();
        return client_.Send("GET / HTTP/1.1\r\n");
      case Point::kBetweenRequests:
        Ask(GetRequest("/moved"));
        EXPECT_EQ(ReceiveResponse(client_).head.status(), 307);
        return;
      case Point::kQueued: {
        client_ = proxy_.Connect("queued");
        Socket first = proxy_.Connect("queued");
        first.Send(UpgradeRequest("/closed"));
        EXPECT_EQ(ReceiveResponse(first).head.status(), 502);
        client_.Send(UpgradeRequest("/closed"));
        return proxy_.AwaitSum("fairlead_waiting_upgrades", 1);
      }
      case Point::kConnecting:
        client_ = proxy_.Connect();
        Accepted();
        if (fault == Fault::kDescriptorsRunOut) shortage_.emplace();
        return Say(UpgradeRequest(fault == Fault::kBackendResets ? "/closed" : "/silent"));
      case Point::kRequestSent:
        return Reach(UpgradeRequest());
      case Point::kRequestBody:
        Reach("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        at_backend_.ReceiveThrough("hello");
        return;
      case Point::kResponseBody:
        Reach(GetRequest("/"));
        at_backend_.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        client_.ReceiveThrough("hello\r\n");
        return;
      case Point::kLingering:
        Ask("GET / HTTP/1.1\r\n\r\n");
        EXPECT_EQ(ReceiveResponse(client_).head.status(), 400);
        return;
      case Point::kTunnel:
        Reach(UpgradeRequest());
        at_backend_.Send(UpgradeResponse());
        EXPECT_EQ(Head::Receive(client_).status(), 101);
        return;
    }
  }

  void Inflict(Point point, Fault fault) {
    switch (fault) {
      case Fault::kClientResets:
        proxy_.server().WakeWorkers();  // a connection that is reset before it is accepted never was
        client_.Reset();
        break;
      case Fault::kClientEnds:
        client_.End();
        break;
      case Fault::kClientTalksGarbage:
        client_.Send(kGarbage);
        // A record is judged when it is whole.
        if (point == Point::kInsideHello) client_.Send(std::string(1000, 'x'));
        break;
      case Fault::kBackendResets:
        at_backend_.Reset();
        break;
      case Fault::kBackendEnds:
        at_backend_.End();
        break;
      case Fault::kBackendTalksGarbage:
        at_backend_.Send(kGarbage);
        break;
      case Fault::kClientStopsReading:
        Flood(at_backend_, point);
        break;
      case Fault::kBackendStopsReading:
        Flood(client_, point);
        break;
      case Fault::kDescriptorsRunOut:
        Accepted();
        if (!shortage_) shortage_.emplace();
        break;
      case Fault::kClientFallsSilent:
      case Fault::kBackendFallsSilent:
        break;
    }
    proxy_.server().WakeWorkers();  // it is noticed before time passes
    proxy_.Advance(kLongerThanAnyTimeout);
    shortage_.reset();
  }

  void Expect(const Outcome& outcome) {
    const std::string answer = client_.open() ? client_.ReceiveToGone() : "";
    const bool speaks_http = answer.starts_with("HTTP/1.1 ");
    EXPECT_EQ(speaks_http ? std::stoi(answer.substr(9)) : 0, outcome.status) << answer.substr(0, 200);
    EXPECT_EQ(answer.find("\r\n0\r\n\r\n"), std::string::npos)
        << "a broken answer is passed off as a whole one";
    if (at_backend_.open()) at_backend_.AwaitGone();
    client_.Close();
    at_backend_.Close();
    std::vector<std::string> expected = outcome.counted;
    std::sort(expected.begin(), expected.end());
    Eventually([&] { return Counted() == expected; });
    EXPECT_EQ(Counted(), expected);
    ExpectNothingLeft();
  }

 private:
  std::string Configured() const {
    const auto cluster = [](std::string_view name, const base::SocketAddress& address) {
      return fmt::format("- {{name: {}, endpoints: [{{address: '{}'}}]}}\n", name, address.ToString());
    };
    constexpr std::string_view kTimeouts =
        "timeouts: {connect: 5s, response: 30s, idle: 60s, half_closed: 20s, write: 15s, keep_alive: 40s}";
    return fmt::format(
               "listeners:\n"
               "- {{name: web, address: 127.0.0.1:0}}\n"
               "- {{name: proxied, address: 127.0.0.2:0, proxy_protocol: REQUIRED, trusted_proxies: "
               "[127.0.0.0/8]}}\n"
               "- {{name: secure, address: 127.0.0.3:0, tls: {{certificates: [{1}]}}}}\n"
               "- {{name: queued, address: 127.0.0.4:0, limits: {{upgrades_per_second: 1, upgrade_queue: "
               "9}}}}\n"
               "virtual_hosts:\n"
               "- name: all\n"
               "  domains: ['*']\n"
               "  routes:\n"
               "  - {{name: moved, match: {{prefix: /moved}}, redirect: {{path: /, status: 307}}, {0}}}\n"
               "  - {{name: silent, match: {{prefix: /silent}}, cluster: silent, {0}}}\n"
               "  - {{name: closed, match: {{prefix: /closed}}, cluster: closed, {0}}}\n"
               "  - {{name: all, match: {{prefix: /}}, cluster: app, {0}}}\n"
               "clusters:\n",
               kTimeouts, files_.Pair("web", tls::TestAuthority().Issue({.names = {"a.example.com"}}))) +
           cluster("app", backend_.address()) + cluster("silent", silent_.address()) +
           cluster("closed", closed_.address());
  }

  void Ask(const std::string& request) {
    client_ = proxy_.Connect();
    Say(request);
  }
  void Say(const std::string& request) {
    client_.Send(request);
    proxy_.server().WakeWorkers();
  }
  void Accepted() { proxy_.AwaitSum("fairlead_open_connections", 1); }

  // A client's first words of TLS.
  static std::string Hello() {
    tls::OpenSslPeer peer({.server_name = "a.example.com"});
    peer.Read();
    return peer.Take();
  }

  // The request's head is at the backend.
  void Reach(const std::string& request) {
    Ask(request);
    at_backend_ = backend_.Accept();
    Head::Receive(at_backend_);
  }

  // Sends until nobody takes any more.
  void Flood(Socket& from, Point point) {
    if (point != Point::kTunnel) from.Send("7fffffff\r\n");
    const std::string much(1 << 16, 'x');
    for (int refused = 0; refused < 3;) {
      refused = from.SendSome(much) == 0 ? refused + 1 : 0;
      proxy_.server().WakeWorkers();
    }
  }

  // What has been counted, in the words of Outcome.
  std::vector<std::string> Counted() const {
    constexpr std::pair<std::string_view, std::string_view> kFamilies[] = {
        {"fairlead_requests_total", "requests"},
        {"fairlead_upgrades_total", "upgrades"},
        {"fairlead_upgrades_rejected_total", "rejected"},
        {"fairlead_connections_rejected_total", "connection"},
        {"fairlead_tunnels_closed_total", "tunnel"},
    };
    const std::vector<std::string> series = proxy_.Series();
    std::vector<std::string> counted;
    for (const auto& [family, word] : kFamilies) {
      for (const std::string& one : series) {
        if (one.substr(0, one.find('{')) != family) continue;
        for (double times = proxy_.Metric(one); times > 0; --times) {
          const size_t end = one.rfind('"'), begin = one.rfind('"', end - 1) + 1;
          counted.push_back(fmt::format("{} {}", word, one.substr(begin, end - begin)));
        }
      }
    }
    std::sort(counted.begin(), counted.end());
    return counted;
  }

  void ExpectNothingLeft() const {
    proxy_.AwaitSum("fairlead_open_connections", 0);
    proxy_.AwaitSum("fairlead_open_tunnels", 0);
    proxy_.AwaitSum("fairlead_endpoint_open_tunnels", 0);
    proxy_.AwaitSum("fairlead_buffered_bytes", 0);
    proxy_.AwaitSum("fairlead_waiting_upgrades", 0);
    EXPECT_EQ(OpenDescriptors(), descriptors_) << "a descriptor is left open";
    Socket next = proxy_.Connect();
    next.Send(GetRequest("/moved"));
    EXPECT_EQ(ReceiveResponse(next).head.status(), 307) << "and the next one is served";
  }

  PemFiles files_;
  Backend backend_;
  ClosedPort closed_;
  SilentPort silent_;
  RunningProxy proxy_;
  size_t descriptors_ = 0;
  Socket client_;
  Socket at_backend_;
  std::optional<NoDescriptors> shortage_;
};

class Faults : public ::testing::TestWithParam<std::tuple<Point, Fault>> {};

TEST_P(Faults, HaveADefinedEnd) {
  const auto [point, fault] = GetParam();
  const std::optional<Outcome> outcome = OutcomeOf(point, fault);
  if (!outcome) return;  // the table says that it cannot happen
  Scene scene;
  scene.Bring(point, fault);
  scene.Inflict(point, fault);
  scene.Expect(*outcome);
}

std::vector<Point> AllPoints() {
  std::vector<Point> all;
  for (int state = 0; state < proxy::kStateCount; ++state) {
    for (const Point point : PointsOf(static_cast<proxy::State>(state))) all.push_back(point);
  }
  return all;
}

std::string NameOf(const ::testing::TestParamInfo<Faults::ParamType>& info) {
  const auto [point, fault] = info.param;
  return fmt::format("{}_{}", ToString(point), ToString(fault));
}

INSTANTIATE_TEST_SUITE_P(Session, Faults,
                         ::testing::Combine(::testing::ValuesIn(AllPoints()), ::testing::ValuesIn(kFaults)),
                         NameOf);

TEST(FaultTable, KnowsEveryState) {
  for (int state = 0; state < proxy::kStateCount; ++state) {
    const auto one = static_cast<proxy::State>(state);
    EXPECT_EQ(PointsOf(one).empty(), one == proxy::State::kClosed) << proxy::ToString(one);
  }
}

}  // namespace
}  // namespace fairlead::testing
