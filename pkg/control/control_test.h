#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/admission/gate.h"
#include "pkg/apply/applier.h"
#include "pkg/base/clock.h"
#include "pkg/config/load.h"
#include "pkg/control/data_plane.h"
#include "pkg/endpoint/registry.h"
#include "pkg/telemetry/process_stats.h"

namespace fairlead::control {

// A directory of one test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = ::testing::TempDir() + "control.XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Tunnels that a test makes up.
class FakeDataPlane final : public DataPlane {
 public:
  ProcessStatus GetStatus() const override {
    return {.version = "1",
            .started_at = {},
            .ready = true,
            .not_ready_reason = "",
            .open_tunnels = static_cast<int64_t>(rows.size())};
  }
  void ListTunnels(tunnel::Selector selector, Listed listed) override {
    asked = std::move(selector);
    listed(rows);
  }
  void CloseTunnels(tunnel::Selector selector, double rate, tunnel::CloseOrder order,
                    Selected selected) override {
    asked = std::move(selector);
    asked_rate = rate;
    asked_order = std::move(order);
    selected(5, rows.size());
  }
  void StartRebalance(std::string cluster, std::optional<uint32_t> target, bool dry_run,
                      drain::Rebalances::Answered answered) override {
    asked_rebalance = {std::move(cluster), target, dry_run};
    answered(rebalanced);
  }
  void StartDrain() override { drained = true; }
  std::vector<drain::DrainStatus> ListDrains() const override { return drains; }
  void CommandDrain(uint64_t id, drain::Command command, absl::AnyInvocable<void(bool)> done) override {
    commanded = {id, command};
    done(!drains.empty() && drains.front().id == id);
  }

  std::vector<tunnel::Row> rows;
  tunnel::Selector asked;
  double asked_rate = -1;
  tunnel::CloseOrder asked_order;
  std::tuple<std::string, std::optional<uint32_t>, bool> asked_rebalance;
  drain::RebalanceAnswer rebalanced;
  bool drained = false;
  std::vector<drain::DrainStatus> drains;
  std::pair<uint64_t, drain::Command> commanded;
};

inline const char* const kTestConfig = R"(
listeners:
- {name: web, address: 127.0.0.1:0}
virtual_hosts:
- name: chat
  domains: ["*"]
  routes:
  - {name: ws, match: {prefix: /ws}, cluster: chat}
clusters:
- name: chat
  membership: API
  endpoints:
  - {id: a, address: "127.0.0.1:9001"}
  - {id: b, address: "127.0.0.1:9002"}
)";

// An apply thread with everything it needs, and a configuration in force. No workers: what is published is
// installed.
class TestApplier {
 public:
  // `control` is the `control` section of the file, such as "{owner: PUSH}".
  explicit TestApplier(const std::string& control) {
    config::Loaded loaded = config::LoadYaml("control: " + control + "\n" + kTestConfig);
    for (const config::Violation& violation : loaded.violations) ADD_FAILURE() << violation.ToString();
    bootstrap = loaded.file->bootstrap;
    applier = std::make_unique<apply::Applier>(
        apply::Applier::Options{.bootstrap = bootstrap,
                                .workers = 1,
                                .process = &process_,
                                .endpoints = &endpoints_,
                                .stats = &stats,
                                .clock = &clock},
        apply::Applier::Outputs{.publish =
                                    [this](const apply::Publication& publication) {
                                      applier->Installed(0, publication.snapshot->revision());
                                    },
                                .watch_names = [](const auto&) {}});
    std::promise<std::vector<config::Violation>> started;
    applier->Start(*std::move(loaded.file), [&](auto violations) { started.set_value(violations); });
    EXPECT_TRUE(started.get_future().get().empty());
  }

  base::SystemClock clock;
  telemetry::ProcessStats stats;
  config::Bootstrap bootstrap;

 private:
  admission::Process process_{0};
  endpoint::Registry endpoints_{1};

 public:
  std::unique_ptr<apply::Applier> applier;  // the last: it goes first
};

}  // namespace fairlead::control
