#include "pkg/app/name_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pkg/telemetry/log.h"

namespace fairlead::app {

NameService::NameService(uint64_t seed, Resolved resolved)
    : resolved_(std::move(resolved)), random_(seed), thread_([this] { loop_.Run(); }) {}

NameService::~NameService() {
  Stop();
}

void NameService::Stop() {
  if (!thread_.joinable()) return;
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
  watched_.clear();
  resolver_.reset();
}

void NameService::Watch(std::vector<apply::Applier::WatchedName> names) {
  loop_.Post([this, names = std::move(names)] { WatchHere(names); });
}

void NameService::WatchHere(const std::vector<apply::Applier::WatchedName>& names) {
  std::map<std::string, Watched> before = std::exchange(watched_, {});
  for (const apply::Applier::WatchedName& name : names) {
    const auto held = before.find(name.cluster);
    Watched& watched = watched_[name.cluster];
    if (held != before.end() && held->second.dns == name.dns) {
      watched = std::move(held->second);
    } else {
      watched.dns = name.dns;
      watched.watcher = MakeWatcher(name);
    }
  }
}

std::unique_ptr<dns::NameWatcher> NameService::MakeWatcher(const apply::Applier::WatchedName& name) {
  if (!resolver_) {
    auto resolver = dns::Resolver::Create(loop_, {});
    if (!resolver.ok()) {
      telemetry::LogError(fmt::format("cluster {}: {} cannot be looked up: {}", name.cluster, name.dns.name,
                                      std::string(resolver.status().message())));
      return nullptr;
    }
    resolver_ = *std::move(resolver);
  }
  return std::make_unique<dns::NameWatcher>(
      *resolver_, random_, name.dns.name, name.dns.refresh_interval,
      [this, cluster = name.cluster, host = name.dns.name](const auto& answer) {
        if (answer.ok()) return resolved_(cluster, host, *answer);
        telemetry::LogWarning(fmt::format("cluster {}: looking up {} fails, what was known stays: {}",
                                          cluster, host, std::string(answer.status().message())));
      });
}

}  // namespace fairlead::app
