#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/clock.h"
#include "pkg/telemetry/access_log.h"
#include "pkg/telemetry/process_stats.h"
#include "pkg/telemetry/stats_registry.h"

namespace fairlead::telemetry {

struct BuildInfo {
  std::string version;
  std::string commit;
};

// An endpoint as a scrape sees it. `endpoint` is its id, or its address where it has none.
struct EndpointSample {
  std::string cluster;
  std::string endpoint;
  int64_t open_tunnels = 0;
  uint64_t connect_failures = 0;
  uint64_t ejections = 0;
  bool healthy = true;
};

// A certificate that is shown, to clients of a listener or to backends of a cluster: one of the two names.
// `certificate` is its file, or the field that it stands in.
struct CertificateSample {
  std::string listener;
  std::string cluster;
  std::string certificate;
  base::WallTime expires;
};
// Called on the scraping thread.
using CertificateSource = std::function<std::vector<CertificateSample>()>;

// The revocation lists that a listener's clients, or a cluster's backends, are held against.
struct CrlSample {
  std::string listener;
  std::string cluster;
  base::WallTime expires;  // the first of them
};
// Called on the scraping thread.
using CrlSource = std::function<std::vector<CrlSample>()>;

// Whether something is done about too much load. `listener` is empty where it is done at all of them, because
// of memory in buffers.
struct OverloadSample {
  std::string_view resource;  // "connections" or "buffers"
  std::string listener;
  std::string_view action;
  bool in_force = false;
};
// Called on the scraping thread.
using OverloadSource = std::function<std::vector<OverloadSample>()>;

// Called on the scraping thread. Two samples of the same labels are added up;
// healthy are then only both.
using EndpointSource = std::function<std::vector<EndpointSample>()>;

// Adds up what the workers count, when somebody asks. Immutable, thread-safe.
class Collector {
 public:
  // Everything outlives the collector. No access log, or no endpoints: no such families.
  struct Sources {
    BuildInfo build;
    const StatsRegistry* stats = nullptr;
    const ProcessStats* process = nullptr;
    const AccessLog* access_log = nullptr;
    EndpointSource endpoints;
    // Tunnels that drains wait for, by cause, of those but the shutdown that there are; on the scraping
    // thread.
    std::function<std::map<std::string, int64_t>()> drains = {};
    CertificateSource certificates = {};
    CrlSource crls = {};
    OverloadSource overload = {};
  };

  explicit Collector(Sources sources) : sources_(std::move(sources)) {}

  // Every metric there is, in Prometheus' text format, version 0.0.4.
  std::string Render() const;

 private:
  const Sources sources_;
};

}  // namespace fairlead::telemetry
