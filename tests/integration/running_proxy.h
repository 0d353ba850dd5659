#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/app/server.h"
#include "tests/support/backend.h"
#include "tests/support/fake_clock.h"
#include "tests/support/http.h"
#include "tests/support/socket.h"

namespace fairlead::testing {

// The whole proxy inside the test, on ports of the kernel's choice and a clock that stands still until the
// test moves it.
class RunningProxy {
 public:
  struct Options {
    size_t workers = 1;
    int64_t max_connections = 0;  // of the process; 0 = unlimited
    std::string access_log = {};  // a file; empty = none
    bool real_time = false;       // the clock goes on by itself
    bool ports = false;           // with the telemetry and the admin port
  };

  // `config`: the file without its sections for the process (telemetry, admin, access_log). What is wrong
  // with it fails the test.
  explicit RunningProxy(const std::string& config) : RunningProxy(config, Options{}) {}
  RunningProxy(const std::string& config, const Options& options);
  ~RunningProxy();

  // Where a listener is bound.
  base::SocketAddress address(std::string_view listener = "web") const;
  Socket Connect(std::string_view listener = "web") const { return Socket::Connect(address(listener)); }

  // An answer of the telemetry or the admin port.
  Response AskTelemetry(std::string_view path) const;
  Response AskAdmin(std::string_view path) const;

  // Applies a configuration and waits until every worker runs it. Returns what is wrong, one line each.
  std::vector<std::string> Apply(const std::string& config);

  // Lets time pass, in steps of which every worker sees each, and does what is due.
  void Advance(base::Duration time);
  // Waits until every worker is through with what it is at.
  void Settle() const { server_->WakeWorkers(); }

  // The value of a series, such as `fairlead_open_connections{listener="web"}`; 0 where there is none.
  double Metric(std::string_view series) const;
  // The sum over all series of a family.
  double MetricSum(std::string_view family) const;
  // Wait until it has that value: a worker may tell its client first and count then.
  void AwaitMetric(std::string_view series, double value) const;
  void AwaitSum(std::string_view family, double value) const;
  // Every series' name with its labels, in order.
  std::vector<std::string> Series() const;

  // Begins to drain; drained() says when nothing is open any more.
  void Drain();
  bool drained() const { return *drained_; }

  app::Server& server() { return *server_; }

 private:
  config::File Load(const std::string& config, std::vector<std::string>* wrong) const;

  const Options options_;
  FakeClock clock_{std::chrono::system_clock::now()};  // certificates are judged by it
  base::SystemClock real_clock_;
  std::shared_ptr<std::atomic<bool>> drained_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<app::Server> server_;
};

// A file that serves everything on one listener "web" from one cluster of these endpoints; `route` is added
// to the route's keys, such as "timeouts: {idle: 1s}".
std::string OneCluster(const std::vector<const Backend*>& backends,
                       std::string_view route = "upgrades: ['*']");

// Waits until it holds; false, and a failed test, where it never does.
bool Eventually(const std::function<bool()>& condition);

// A tunnel through the proxy, both ends in the test's hands.
struct TunnelEnds {
  Socket client;
  Socket backend;
};
// Opens one on the listener; the backend must be where the route leads. The backend has answered and the
// client has its 101 when it returns, and the tunnel has begun at the time that it is then.
TunnelEnds OpenTunnel(const RunningProxy& proxy, Backend& backend, std::string_view path = "/ws",
                      std::string_view listener = "web");
// Whether bytes still pass both ways.
bool Relays(TunnelEnds& tunnel);

}  // namespace fairlead::testing
