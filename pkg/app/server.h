#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/admin/http_server.h"
#include "pkg/admission/gate.h"
#include "pkg/app/control_side.h"
#include "pkg/app/housekeeping.h"
#include "pkg/app/name_service.h"
#include "pkg/app/process_tunnels.h"
#include "pkg/apply/applier.h"
#include "pkg/base/clock.h"
#include "pkg/config/load.h"
#include "pkg/endpoint/registry.h"
#include "pkg/proxy/worker.h"
#include "pkg/telemetry/access_log.h"
#include "pkg/telemetry/collector.h"
#include "pkg/telemetry/process_stats.h"
#include "pkg/telemetry/stats_registry.h"

namespace fairlead::app {

// The whole proxy, put together: builds the objects in the order in which they need one another, and takes
// them apart in the opposite one. Its methods may be called from any thread.
class Server {
 public:
  struct Options {
    config::File file;
    config::Overrides overrides = {};  // of every file that is read later
    size_t workers = 1;
    int64_t max_connections = 0;  // over all listeners: what the descriptors allow; 0 = unlimited
    uint64_t seed = 0;            // of all chance but the etags'
    const base::Clock* clock;     // outlives the server
    const base::Clock* timeout_clock = nullptr;  // where timeouts take time from; null = each loop's own
    uint64_t tls_records_per_key = tls::kRecordsPerKey;
  };

  // Serving, or everything that stands in the way, one line each. Blocks until every worker runs the
  // configuration.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options);
  // Cuts what is still open; Drain first for a gentler end.
  ~Server();

  // Both apply the change as a whole or not at all. `done` gets what is wrong, or nothing once every worker
  // runs it; on a thread of the server.
  void Apply(config::File file, apply::Applier::Done done);
  void ReloadFile(std::string path, apply::Applier::Done done);

  // Turns unready, lets tunnels go at an even pace as `drain` in the configuration says, and calls `drained`,
  // on a worker's thread, when nothing is open. Called again it only waits for the same; where that is over,
  // it calls `drained` at once.
  void Drain(std::function<void()> drained);

  // As bound; nothing where there is no such listener or port.
  std::optional<base::SocketAddress> ListenerAddress(std::string_view listener) const;
  std::optional<base::SocketAddress> telemetry_address() const;
  std::optional<base::SocketAddress> admin_address() const;

  // Wakes every worker and housekeeping, and waits until each has seen a `timeout_clock` that has moved
  // and done what is due. Not to be called on a worker's thread.
  void WakeWorkers();
  // The metrics, as a scrape gets them.
  std::string RenderMetrics();

 private:
  explicit Server(const Options& options);
  absl::Status StartServers(const config::Bootstrap& bootstrap);
  absl::Status StartControl(const Options& options);
  void WorkerDrained();
  bool Drained();  // whether a drain has begun and is over
  absl::Status ApplyFirst(config::File file);
  void Publish(const apply::Publication& publication);
  apply::Applier::Done OnceInstalled(apply::Applier::Done done);
  absl::Status Ready() const;
  std::vector<telemetry::EndpointSample> EndpointSamples() const;
  std::shared_ptr<const snapshot::Snapshot> Published() const;  // null = none yet
  std::vector<telemetry::CertificateSample> CertificateSamples() const;
  std::vector<telemetry::CrlSample> CrlSamples() const;
  std::vector<telemetry::OverloadSample> OverloadSamples();

  telemetry::StatsRegistry stats_;
  telemetry::ProcessStats process_stats_;
  std::unique_ptr<telemetry::AccessLog> access_log_;
  endpoint::Registry endpoints_;
  admission::Process admission_;
  std::vector<std::unique_ptr<proxy::Worker>> workers_;
  NameService names_;
  ProcessTunnels tunnels_;
  Housekeeping housekeeping_;
  std::unique_ptr<apply::Applier> applier_;
  std::optional<telemetry::Collector> collector_;  // set once, before anybody asks
  std::unique_ptr<admin::HttpServer> telemetry_server_;
  std::unique_ptr<admin::HttpServer> admin_server_;
  std::unique_ptr<ControlSide> control_;

  mutable std::mutex published_mutex_;
  apply::Publication published_;

  std::mutex drain_mutex_;
  size_t undrained_ = 0;  // workers, once it has begun
  std::vector<std::function<void()>> on_drained_;
};

}  // namespace fairlead::app
