#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/apply/publication.h"
#include "pkg/base/address.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"
#include "pkg/config/load.h"
#include "pkg/endpoint/registry.h"
#include "pkg/loop/loop.h"
#include "pkg/telemetry/process_stats.h"

namespace fairlead::apply {

// The one place where the running configuration changes, and the one thread that changes it: validate,
// compile, prepare what can fail, publish. A step that fails refuses the change whole, and what runs stays as
// it is.
class Applier {
 public:
  // A cluster whose endpoints come from DNS.
  struct WatchedName {
    std::string cluster;
    config::Dns dns;

    friend bool operator==(const WatchedName&, const WatchedName&) = default;
  };

  // All are called on the apply thread. What they refer to outlives the applier.
  struct Outputs {
    std::function<void(const Publication&)> publish;
    // The whole list, whenever it has changed.
    std::function<void(std::vector<WatchedName>)> watch_names;
  };

  struct Options {
    config::Bootstrap bootstrap;  // what the process was started with
    size_t workers = 1;
    admission::Budget* process_budget;  // of all connections; never null
    endpoint::Registry* endpoints;
    telemetry::ProcessStats* stats;
    const base::Clock* clock;
  };

  Applier(Options options, Outputs outputs);
  ~Applier();
  Applier(const Applier&) = delete;
  Applier& operator=(const Applier&) = delete;

  // Empty when the change was applied, otherwise everything that is wrong with it; nothing has changed then.
  using Done = absl::AnyInvocable<void(std::vector<config::Violation>)>;

  // The following may be called from any thread and take effect in the order of the calls; `done` runs on the
  // apply thread.

  // Reads the file and applies it.
  void ApplyFile(std::string path, Done done);
  void Apply(config::File file, Done done);
  // What DNS says about a cluster's name now. Not a change of configuration: no revision.
  void SetResolved(std::string cluster, std::vector<base::IpAddress> addresses);

  // The configuration in force; null before the first. Any thread.
  std::shared_ptr<const config::Config> current() const;

 private:
  std::vector<config::Violation> ApplyLoaded(config::Loaded loaded);
  std::vector<config::Violation> Change(config::File file);
  std::vector<config::Violation> Prepare(const config::Config& config, std::vector<Listening>* listening);
  void WarnOfRestart(const config::Bootstrap& wanted) const;
  void Publish(uint64_t revision);
  void UpdateWatchedNames();

  const Options options_;
  Outputs outputs_;
  std::shared_ptr<const config::Config> config_;
  std::vector<std::pair<base::SocketAddress, Listening>>
      listening_;  // in the order of the configuration's listeners
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  snapshot::ResolvedNames resolved_;
  std::vector<WatchedName> watched_;

  mutable std::mutex current_mutex_;
  std::shared_ptr<const config::Config> current_;

  loop::Loop loop_;
  std::thread thread_;
};

}  // namespace fairlead::apply
