#include "pkg/apply/applier.h"

#include <fmt/format.h>

#include <algorithm>

#include "pkg/telemetry/log.h"

namespace fairlead::apply {

Applier::Applier(Options options, Outputs outputs)
    : options_(std::move(options)), outputs_(std::move(outputs)), thread_([this] { loop_.Run(); }) {}

Applier::~Applier() {
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
}

void Applier::ApplyFile(std::string path, Done done) {
  loop_.Post([this, path = std::move(path), done = std::move(done)]() mutable {
    done(ApplyLoaded(config::LoadFile(path)));
  });
}

void Applier::Apply(config::File file, Done done) {
  loop_.Post([this, file = std::move(file), done = std::move(done)]() mutable {
    done(ApplyLoaded({.file = std::move(file), .violations = {}}));
  });
}

void Applier::SetResolved(std::string cluster, std::vector<base::IpAddress> addresses) {
  loop_.Post([this, cluster = std::move(cluster), addresses = std::move(addresses)]() mutable {
    // An answer may come for a name that is no longer watched.
    const bool watched = std::any_of(watched_.begin(), watched_.end(),
                                     [&](const WatchedName& name) { return name.cluster == cluster; });
    if (!watched) return;
    resolved_.insert_or_assign(std::move(cluster), std::move(addresses));
    Publish(snapshot_->revision());
  });
}

std::shared_ptr<const config::Config> Applier::current() const {
  const std::lock_guard lock(current_mutex_);
  return current_;
}

std::vector<config::Violation> Applier::ApplyLoaded(config::Loaded loaded) {
  std::vector<config::Violation> violations = std::move(loaded.violations);
  if (violations.empty()) violations = Change(*std::move(loaded.file));
  if (!violations.empty()) options_.stats->ConfigFileRejected();
  return violations;
}

std::vector<config::Violation> Applier::Change(config::File file) {
  std::vector<Listening> listening;
  std::vector<config::Violation> violations = Prepare(file.config, &listening);
  if (!violations.empty()) return violations;
  WarnOfRestart(file.bootstrap);

  config_ = std::make_shared<const config::Config>(std::move(file.config));
  listening_.clear();
  for (size_t i = 0; i < listening.size(); ++i) {
    listening[i].budget->SetLimit(config_->listeners[i].limits.max_connections);
    listening_.emplace_back(config_->listeners[i].address, std::move(listening[i]));
  }
  UpdateWatchedNames();
  Publish(snapshot_ ? snapshot_->revision() + 1 : 1);
  {
    const std::lock_guard lock(current_mutex_);
    current_ = config_;
  }
  options_.stats->ConfigApplied(snapshot_->revision(), options_.clock->WallNow());
  return {};
}

std::vector<config::Violation> Applier::Prepare(const config::Config& config,
                                                std::vector<Listening>* listening) {
  std::vector<config::Violation> violations;
  for (size_t i = 0; i < config.listeners.size(); ++i) {
    const base::SocketAddress& address = config.listeners[i].address;
    const auto held = std::find_if(listening_.begin(), listening_.end(),
                                   [&](const auto& known) { return known.first == address; });
    if (held != listening_.end()) {
      listening->push_back(held->second);
      continue;
    }
    auto sockets = loop::ListenSockets::Bind(address, options_.workers);
    if (!sockets.ok()) {
      violations.push_back({.path = fmt::format("listeners[{}].address", i),
                            .line = 0,
                            .problem = std::string(sockets.status().message()),
                            .remedy = "choose an address that this process may bind and that nobody holds"});
      continue;
    }
    telemetry::LogInfo(fmt::format("listener {}: listening on {}", config.listeners[i].name,
                                   (*sockets)->address().ToString()));
    listening->push_back({.sockets = *std::move(sockets),
                          .budget = std::make_shared<admission::Budget>(0, options_.process_budget)});
  }
  return violations;
}

void Applier::WarnOfRestart(const config::Bootstrap& wanted) const {
  const config::Bootstrap& running = options_.bootstrap;
  const auto check = [](bool same, std::string_view field) {
    if (!same)
      telemetry::LogWarning(fmt::format("{}: has changed in the file, which needs a restart", field));
  };
  check(wanted.node == running.node, "node");
  check(wanted.telemetry == running.telemetry, "telemetry");
  check(wanted.admin == running.admin, "admin");
  check(wanted.access_log == running.access_log, "access_log");
  check(wanted.workers == running.workers, "workers");
}

void Applier::UpdateWatchedNames() {
  std::vector<WatchedName> names;
  for (const config::Cluster& cluster : config_->clusters) {
    if (cluster.dns) names.push_back({.cluster = cluster.name, .dns = *cluster.dns});
  }
  // What was resolved for another name must not answer for this one.
  std::erase_if(resolved_, [&](const auto& known) {
    const auto same_name = [&](const WatchedName& watched) { return watched.cluster == known.first; };
    const auto before = std::find_if(watched_.begin(), watched_.end(), same_name);
    const auto after = std::find_if(names.begin(), names.end(), same_name);
    return before == watched_.end() || after == names.end() || before->dns.name != after->dns.name;
  });
  if (names == watched_) return;
  watched_ = names;
  outputs_.watch_names(std::move(names));
}

void Applier::Publish(uint64_t revision) {
  snapshot_ = snapshot::Compile(config_, resolved_, snapshot_.get(), *options_.endpoints, revision);
  Publication publication{.snapshot = snapshot_, .listening = {}};
  for (const auto& [address, listening] : listening_) publication.listening.push_back(listening);
  outputs_.publish(publication);
}

}  // namespace fairlead::apply
