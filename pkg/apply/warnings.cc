#include "pkg/apply/warnings.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "pkg/loop/local_address.h"
#include "pkg/telemetry/log.h"
#include "pkg/tls/revocation_dates.h"
#include "pkg/tls/validity.h"

namespace fairlead::apply {
namespace {

constexpr std::chrono::hours kLookEvery{1};

void WarnOfDates(const tls::Certificate& certificate, const std::string& at, base::WallTime now,
                 std::vector<config::Violation>* warnings) {
  std::string trouble = tls::OutOfDate(certificate, now);
  if (trouble.empty()) trouble = tls::ExpiresSoon(certificate, now);
  if (trouble.empty()) return;
  warnings->push_back({.path = at,
                       .line = 0,
                       .problem = fmt::format("{}: {}", certificate.name(), trouble),
                       .remedy = "bring one that peers will believe"});
}

void WarnOfLists(const tls::TrustStore* authorities, std::string at, base::WallTime now,
                 std::vector<config::Violation>* warnings) {
  std::string trouble = tls::CrlsOutOfDate(authorities, now);
  if (trouble.empty()) trouble = tls::CrlsExpireSoon(authorities, now);
  if (trouble.empty()) return;
  warnings->push_back({.path = std::move(at),
                       .line = 0,
                       .problem = std::move(trouble),
                       .remedy = "bring a newer one; without, whom that authority signed for is refused"});
}

}  // namespace

std::vector<config::Violation> WarningsOf(const config::Config& config, const snapshot::TlsContexts& tls,
                                          base::WallTime now) {
  std::vector<config::Violation> warnings;
  for (size_t i = 0; i < config.listeners.size(); ++i) {
    if (tls.listeners[i] == nullptr) continue;
    const auto& shown = tls.listeners[i]->certificates();
    for (size_t j = 0; j < shown.size(); ++j) {
      WarnOfDates(*shown[j], fmt::format("listeners[{}].tls.certificates[{}]", i, j), now, &warnings);
    }
    WarnOfLists(tls.listeners[i]->authorities(), fmt::format("listeners[{}].tls", i), now, &warnings);
  }
  for (size_t i = 0; i < config.clusters.size(); ++i) {
    if (tls.clusters[i] != nullptr && tls.clusters[i]->certificate() != nullptr) {
      WarnOfDates(*tls.clusters[i]->certificate(), fmt::format("clusters[{}].tls", i), now, &warnings);
    }
    if (tls.clusters[i] != nullptr) {
      WarnOfLists(tls.clusters[i]->authorities(), fmt::format("clusters[{}].tls", i), now, &warnings);
    }
    const std::vector<base::IpAddress>& sources = config.clusters[i].resilience.source_addresses;
    for (size_t j = 0; j < sources.size(); ++j) {
      if (loop::IsLocalAddress(sources[j])) continue;
      warnings.push_back({.path = fmt::format("clusters[{}].source_addresses[{}]", i, j),
                          .line = 0,
                          .problem = sources[j].ToString() + " is no address of this host",
                          .remedy = "give one that it has; connections from this one fail"});
    }
  }
  return warnings;
}

void WarningLog::Tell(const std::vector<config::Violation>& warnings, base::MonotonicTime time) {
  told_at_ = time;
  std::set<std::string> now;
  for (const config::Violation& warning : warnings) now.insert(warning.ToString());
  for (const std::string& line : now) {
    if (!told_.contains(line)) telemetry::LogWarning(line);
  }
  told_ = std::move(now);
}

bool WarningLog::Due(base::MonotonicTime now) const {
  return now - told_at_ >= kLookEvery;
}

}  // namespace fairlead::apply
