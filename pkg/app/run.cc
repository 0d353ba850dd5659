#include "pkg/app/run.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <random>
#include <thread>
#include <vector>

#include "pkg/app/process_limits.h"
#include "pkg/app/server.h"
#include "pkg/app/version.h"
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

void LogReload(const std::vector<config::Violation>& violations) {
  if (violations.empty()) return telemetry::LogInfo("configuration applied");
  telemetry::LogError("configuration refused, the one before stays in force:");
  for (const config::Violation& violation : violations) telemetry::LogError("  " + violation.ToString());
}

uint64_t Seed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

// Serves until a signal ends it. `path` is what SIGHUP reads again; none = SIGHUP is ignored.
int Serve(config::File file, const std::optional<std::string>& path, const config::Overrides& overrides) {
  const base::SystemClock clock;
  const size_t workers = file.bootstrap.workers > 0 ? file.bootstrap.workers : UsableCpus();
  const int64_t max_connections = ConnectionsFor(RaiseDescriptorLimit(), workers);
  telemetry::LogInfo(fmt::format("fairlead {} ({}): {} workers, at most {} connections", Version(), Commit(),
                                 workers, max_connections));
  // The loop outlives the server, whose last word may be that it has drained; and signals are held from here
  // on, since whoever reads in the log that we listen may send one.
  loop::Loop loop;
  std::unique_ptr<Server> server;
  const auto stop = [&loop] { loop.Post([&loop] { loop.Stop(); }); };
  loop::SignalWatcher interrupt(loop, SIGINT, stop);
  loop::SignalWatcher reload(loop, SIGHUP, [&] {
    if (path) server->ReloadFile(*path, LogReload);
  });
  bool draining = false;
  loop::SignalWatcher terminate(loop, SIGTERM, [&] {
    // Not by way of the destructors: they wait for the log to be written, and nobody may be reading it.
    if (draining) ::_exit(0);
    draining = true;
    server->Drain(stop);
    telemetry::LogInfo("draining; another SIGTERM ends the process at once");
  });

  auto started = Server::Start({.file = std::move(file),
                                .overrides = overrides,
                                .workers = workers,
                                .max_connections = max_connections,
                                .seed = Seed(),
                                .clock = &clock});
  if (!started.ok()) {
    std::cerr << std::string(started.status().message()) << "\n";
    return 1;
  }
  server = *std::move(started);
  loop.Run();
  telemetry::LogInfo("stopped");
  return 0;
}

void PrepareProcess() {
  ::signal(SIGPIPE, SIG_IGN);
  telemetry::StartLog();
}

}  // namespace

int Run(const std::string& config_path, const config::Overrides& overrides) {
  PrepareProcess();
  config::Loaded loaded = config::LoadFile(config_path, overrides);
  if (!loaded.file) {
    Print(loaded.violations);
    return 1;
  }
  return Serve(*std::move(loaded.file), config_path, overrides);
}

int Check(const std::string& config_path) {
  const config::Loaded loaded = config::LoadFile(config_path);
  Print(loaded.violations);
  if (loaded.file) std::cout << config_path << ": valid\n";
  return loaded.file ? 0 : 1;
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
