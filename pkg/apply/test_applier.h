#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/apply/applier.h"
#include "pkg/base/clock.h"
#include "pkg/config/load.h"

namespace fairlead::apply {

// A directory that goes with the test.
class TestDirectory {
 public:
  TestDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fairlead-apply-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TestDirectory() { std::filesystem::remove_all(path_); }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A configuration with the clusters "chat" (MAGLEV, of the configuration) and "pods" (MAGLEV, API), each with
// the endpoints a, b and c, and no listeners.
inline std::string TestYaml(std::string_view more = {}) {
  return fmt::format(R"(
clusters:
- name: chat
  load_balancing: {{policy: MAGLEV}}
  endpoints: &three
  - {{id: a, address: "127.0.0.1:9001"}}
  - {{id: b, address: "127.0.0.1:9002"}}
  - {{id: c, address: "127.0.0.1:9003"}}
- name: pods
  membership: API
  load_balancing: {{policy: MAGLEV}}
  endpoints: *three
{}
)",
                     more);
}

inline config::Config ConfigOf(const std::string& yaml) {
  config::Loaded loaded = config::LoadYaml(yaml);
  if (!loaded.file) throw std::invalid_argument(loaded.violations.front().ToString());
  return std::move(loaded.file->config);
}

inline config::Endpoint TestEndpoint(std::string id, uint16_t port) {
  config::Endpoint endpoint;
  endpoint.id = std::move(id);
  endpoint.address = *base::SocketAddress::Parse(fmt::format("127.0.0.1:{}", port));
  return endpoint;
}

inline PatchEndpoints Add(const std::string& cluster, const std::string& id, uint16_t port) {
  return {.cluster = cluster, .upsert = {TestEndpoint(id, port)}, .remove_ids = {}};
}

inline Change Push(decltype(Change::what) what) {
  Change change;
  change.origin = {.source = config::Owner::kPush, .who = "tester"};
  change.what = std::move(what);
  return change;
}

// Time that stands still until the test moves it.
class TestClock final : public base::Clock {
 public:
  base::MonotonicTime Now() const override { return base::MonotonicTime(passed_.load()); }
  base::WallTime WallNow() const override {
    return base::WallTime(std::chrono::hours(24 * 365 * 50)) + passed_.load();
  }
  void Advance(base::Duration by) { passed_ = passed_.load() + by; }

 private:
  std::atomic<base::Duration> passed_{base::Duration(0)};
};

// An applier without workers, on a clock that stands still.
class TestApplier {
 public:
  explicit TestApplier(config::Owner owner = config::Owner::kPush, std::string state_dir = {},
                       const config::Overrides& overrides = {}, std::string secret_dir = {}) {
    bootstrap_.control.owner = owner;
    bootstrap_.control.secret_dir = std::move(secret_dir);
    bootstrap_.control.state_dir = std::move(state_dir);
    applier_.emplace(Applier::Options{.bootstrap = bootstrap_,
                                      .overrides = overrides,
                                      .workers = 2,
                                      .process = &process_,
                                      .endpoints = &registry_,
                                      .stats = &stats_,
                                      .clock = &clock_,
                                      .etag_epoch = 7,
                                      .max_waiting = 100},
                     Applier::Outputs{.publish = [this](const Publication&) { ++publications_; },
                                      .watch_names = [](std::vector<WatchedName>) {}});
  }

  std::vector<config::Violation> Start(const std::string& yaml = TestYaml()) {
    std::promise<std::vector<config::Violation>> done;
    applier_->Start(
        {.bootstrap = bootstrap_, .config = ConfigOf(yaml)},
        [&](std::vector<config::Violation> violations) { done.set_value(std::move(violations)); });
    return done.get_future().get();
  }
  std::vector<config::Violation> Reload(const std::string& yaml) {
    std::promise<std::vector<config::Violation>> done;
    applier_->Apply(
        {.bootstrap = bootstrap_, .config = ConfigOf(yaml)},
        [&](std::vector<config::Violation> violations) { done.set_value(std::move(violations)); });
    return done.get_future().get();
  }
  Answer Submit(Change change) { return SubmitTogether({std::move(change)}).front(); }

  // All in one batch: the apply thread is held up until they wait.
  std::vector<Answer> SubmitTogether(std::vector<Change> changes) {
    std::promise<void> held, all_wait;
    applier_->Submit(Push(Rollback{0}), [&held, released = all_wait.get_future().share()](Answer) {
      held.set_value();
      released.wait();
    });
    held.get_future().wait();
    std::vector<std::promise<Answer>> promises(changes.size());
    for (size_t i = 0; i < changes.size(); ++i) {
      applier_->Submit(std::move(changes[i]),
                       [&promise = promises[i]](Answer answer) { promise.set_value(std::move(answer)); });
    }
    all_wait.set_value();
    std::vector<Answer> answers;
    for (auto& promise : promises) answers.push_back(promise.get_future().get());
    return answers;
  }

  std::vector<std::string> Labels(std::string_view cluster) const {
    std::vector<std::string> labels;
    for (const config::Cluster& known : applier_->current()->clusters) {
      if (known.name != cluster) continue;
      for (const config::Endpoint& endpoint : known.endpoints) labels.push_back(LabelOf(endpoint));
    }
    return labels;
  }

  Applier& operator*() { return *applier_; }
  Applier* operator->() { return &*applier_; }
  TestClock& clock() { return clock_; }
  endpoint::Registry& registry() { return registry_; }
  const telemetry::ProcessStats& stats() const { return stats_; }
  int publications() const { return publications_; }

 private:
  config::Bootstrap bootstrap_;
  TestClock clock_;
  admission::Process process_{0};
  endpoint::Registry registry_{1};
  telemetry::ProcessStats stats_;
  std::atomic<int> publications_{0};
  std::optional<Applier> applier_;
};

}  // namespace fairlead::apply
