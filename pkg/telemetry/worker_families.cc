#include <string>
#include <utility>
#include <vector>

#include "pkg/telemetry/families.h"

namespace fairlead::telemetry {
namespace {

using prometheus::MetricType;
using Distribution = prometheus::ClientMetric::Histogram;

// Adds what `from` holds; all that are added to one `to` have the same bounds. Counts become cumulative.
void Accumulate(const Histogram& from, Distribution& to) {
  to.bucket.resize(from.bounds().size());
  uint64_t cumulative = 0;
  for (size_t i = 0; i < to.bucket.size(); ++i) {
    cumulative += from.count(i);
    to.bucket[i].upper_bound = from.bounds()[i];
    to.bucket[i].cumulative_count += cumulative;
  }
  to.sample_count += cumulative + from.count(to.bucket.size());
  to.sample_sum += from.sum();
}

}  // namespace

void AddWorkerFamilies(const StatsRegistry& stats, std::vector<prometheus::MetricFamily>* families) {
  Family upgrade("fairlead_upgrade_duration_seconds",
                 "From the head of a request to upgrade to its 101 sent.", MetricType::Histogram);
  Family tunnel("fairlead_tunnel_duration_seconds", "How long tunnels were open.", MetricType::Histogram);
  Family lag("fairlead_loop_lag_seconds", "How late a worker's loop came to its tick.",
             MetricType::Histogram);
  Family rtt("fairlead_websocket_ping_rtt_seconds", "From a Ping of ours to the Pong that answered it.",
             MetricType::Histogram);
  Family buffered("fairlead_buffered_bytes", "Bytes that wait for a peer to take them.", MetricType::Gauge);

  Family handshakes("fairlead_tls_handshakes_total",
                    "TLS handshakes completed with clients and backends, by whether a session was resumed.",
                    MetricType::Counter);
  Family secured("fairlead_tls_open_connections",
                 "TLS connections open now to clients and backends, by what carries their records.",
                 MetricType::Gauge);

  uint64_t full = 0, resumed = 0;
  int64_t compact = 0, openssl = 0;
  int64_t buffered_bytes = 0;
  Distribution& upgrades = upgrade.Distribution({});
  Distribution& tunnels = tunnel.Distribution({});
  Distribution client_rtt, backend_rtt;
  stats.ForEachWorker([&](const WorkerInstruments& worker) {
    Accumulate(worker.upgrade_duration, upgrades);
    Accumulate(worker.tunnel_duration, tunnels);
    Accumulate(worker.client_ping_rtt, client_rtt);
    Accumulate(worker.backend_ping_rtt, backend_rtt);
    Accumulate(worker.loop_lag, lag.Distribution({{"worker", std::to_string(worker.worker)}}));
    buffered_bytes += worker.buffered_bytes.value();
    resumed += worker.tls_resumed.value();
    full += worker.tls_handshakes.value() - worker.tls_resumed.value();
    compact += worker.tls_compact.value();
    openssl += worker.tls_openssl.value();
  });
  buffered.Measure({}, static_cast<double>(buffered_bytes));

  rtt.Distribution({{"peer", "client"}}) = std::move(client_rtt);
  rtt.Distribution({{"peer", "backend"}}) = std::move(backend_rtt);
  handshakes.Count({{"session", "new"}}, static_cast<double>(full));
  handshakes.Count({{"session", "resumed"}}, static_cast<double>(resumed));
  secured.Measure({{"records", "compact"}}, static_cast<double>(compact));
  secured.Measure({{"records", "openssl"}}, static_cast<double>(openssl));

  std::move(upgrade).MoveTo(families);
  std::move(tunnel).MoveTo(families);
  std::move(rtt).MoveTo(families);
  std::move(buffered).MoveTo(families);
  std::move(lag).MoveTo(families);
  std::move(handshakes).MoveTo(families);
  std::move(secured).MoveTo(families);
}

}  // namespace fairlead::telemetry
