#include "pkg/app/run.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "pkg/app/process_limits.h"
#include "pkg/app/server.h"
#include "pkg/app/version.h"
#include "pkg/apply/inspection.h"
#include "pkg/config/load.h"
#include "pkg/demo/echo_backend.h"
#include "pkg/loop/loop.h"
#include "pkg/loop/signal_watcher.h"
#include "pkg/telemetry/log.h"

namespace fairlead::app {
namespace {

void Print(const std::vector<config::Violation>& violations) {
  for (const config::Violation& violation : violations) std::cerr << violation.ToString() << "\n";
}

// How long the process may take to leave when nothing is open any more. Whatever holds it up then (a log that
// nobody reads, a file system that does not answer) is not worth waiting for.
constexpr unsigned kLastSeconds = 2;

void LogReload(const std::vector<config::Violation>& violations) {
  if (violations.empty()) return telemetry::LogInfo("configuration applied");
  telemetry::LogError("configuration refused, the one before stays in force:");
  for (const config::Violation& violation : violations) telemetry::LogError("  " + violation.ToString());
}

// A SIGHUP that comes before anybody listens must not end the process, nor be forgotten. For the threads to
// come, too.
void HoldReloads(bool hold) {
  sigset_t hangup;
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  ::pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &hangup, nullptr);
}

// Reads the file again as often as is asked, one after the other: of those that ask while it is at it, the
// last is enough. On the loop's thread.
class Reloads {
 public:
  Reloads(loop::Loop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}

  void Ask(Server& server) {
    again_ = std::exchange(under_way_, true);
    if (again_) return;
    server.ReloadFile(path_, [this, &server](const std::vector<config::Violation>& violations) {
      LogReload(violations);
      loop_.Post([this, &server] {
        under_way_ = false;
        if (again_) Ask(server);
      });
    });
  }

 private:
  loop::Loop& loop_;
  const std::string path_;
  bool under_way_ = false;
  bool again_ = false;
};

uint64_t Seed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

// Serves until a signal ends it. `path` is what SIGHUP reads again; none = SIGHUP is ignored.
int Serve(config::File file, const std::optional<std::string>& path, const config::Overrides& overrides,
          const RunOptions& options = {}) {
  const base::SystemClock clock;
  const size_t workers = file.bootstrap.workers > 0 ? file.bootstrap.workers : UsableCpus();
  const uint64_t descriptors = RaiseDescriptorLimit();
  const int64_t max_connections = ConnectionsFor(descriptors, workers);
  if (max_connections < 1) {
    std::cerr << fmt::format("{} file descriptors are too few, raise the limit (ulimit -n) to {} or more\n",
                             descriptors, OwnDescriptors(workers) + 2);
    return 1;
  }
  telemetry::LogInfo(fmt::format("fairlead {} ({}): {} workers, at most {} connections", Version(), Commit(),
                                 workers, max_connections));
  // The loop outlives the server, whose last word may be that it has drained; and signals are held from here
  // on, since whoever reads in the log that we listen may send one.
  loop::Loop loop;
  std::optional<Reloads> reloads;
  if (path) reloads.emplace(loop, *path);
  std::unique_ptr<Server> server;
  const auto stop = [&loop] { loop.Post([&loop] { loop.Stop(); }); };
  loop::SignalWatcher interrupt(loop, SIGINT, stop);
  loop::SignalWatcher reload(loop, SIGHUP, [&] {
    if (reloads) reloads->Ask(*server);
  });
  bool draining = false;
  loop::SignalWatcher terminate(loop, SIGTERM, [&] {
    // Not by way of the destructors: they wait for the log to be written, and nobody may be reading it.
    if (draining) ::_exit(0);
    draining = true;
    server->Drain(stop);
    telemetry::LogInfo("draining; another SIGTERM ends the process at once");
  });

  HoldReloads(false);
  auto started = Server::Start({.file = std::move(file),
                                .overrides = overrides,
                                .workers = workers,
                                .max_connections = max_connections,
                                .seed = Seed(),
                                .clock = &clock,
                                .tls_records_per_key = options.tls_records_per_key});
  if (!started.ok()) {
    std::cerr << std::string(started.status().message()) << "\n";
    return 1;
  }
  server = *std::move(started);
  loop.Run();
  telemetry::LogInfo("stopped");
  ::signal(SIGALRM, [](int) { ::_exit(0); });
  ::alarm(kLastSeconds);
  return 0;
}

void PrepareProcess() {
  ::signal(SIGPIPE, SIG_IGN);
  HoldReloads(true);
  telemetry::StartLog();
}

}  // namespace

int Run(const std::string& config_path, const config::Overrides& overrides, const RunOptions& options) {
  PrepareProcess();
  config::Loaded loaded = config::LoadFile(config_path, overrides);
  if (!loaded.file) {
    Print(loaded.violations);
    return 1;
  }
  return Serve(*std::move(loaded.file), config_path, overrides, options);
}

int Check(const std::string& config_path) {
  const config::Loaded loaded = config::LoadFile(config_path);
  Print(loaded.violations);
  if (!loaded.file) return 1;
  const base::SystemClock clock;
  const apply::Inspection inspection = apply::Inspect(loaded.file->config, clock);
  Print(inspection.violations);
  for (const config::Violation& warning : inspection.warnings) {
    std::cerr << "warning: " << warning.ToString() << "\n";
  }
  if (!inspection.violations.empty()) return 1;
  std::cout << config_path << ": valid\n";
  return 0;
}

int Demo() {
  PrepareProcess();
  loop::Loop backends_loop;
  std::vector<std::unique_ptr<demo::EchoBackend>> backends;
  std::string endpoints;
  for (int i = 1; i <= 3; ++i) {
    auto backend = demo::EchoBackend::Start(backends_loop, fmt::format("echo-{}", i));
    if (!backend.ok()) {
      std::cerr << std::string(backend.status().message()) << "\n";
      return 1;
    }
    endpoints += fmt::format("  - {{id: echo-{}, address: \"{}\"}}\n", i, (*backend)->address().ToString());
    backends.push_back(*std::move(backend));
  }
  config::Loaded loaded = config::LoadYaml(
      "telemetry: {address: 127.0.0.1:9180}\n"
      "admin: {address: 127.0.0.1:9181}\n"
      "drain: {delay: 0s, window: 2s}\n"
      "listeners:\n- {name: web, address: 127.0.0.1:8080}\n"
      "virtual_hosts:\n- name: demo\n  domains: [\"*\"]\n"
      "  routes:\n  - {name: all, match: {prefix: /}, cluster: echo}\n"
      "clusters:\n- name: echo\n  endpoints:\n" +
      endpoints);
  if (!loaded.file) {
    Print(loaded.violations);
    return 1;
  }
  std::thread backends_thread([&backends_loop] { backends_loop.Run(); });
  telemetry::LogInfo("demo: open http://127.0.0.1:8080/ in a browser; Ctrl-C ends it");
  const int code = Serve(*std::move(loaded.file), std::nullopt, {});
  backends_loop.Post([&backends_loop] { backends_loop.Stop(); });
  backends_thread.join();
  return code;
}

}  // namespace fairlead::app
