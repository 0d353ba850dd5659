#include "pkg/telemetry/collector.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "pkg/telemetry/families.h"

namespace fairlead::telemetry {
namespace {

using prometheus::MetricType;

void AddBuildInfo(const BuildInfo& build, std::vector<prometheus::MetricFamily>* families) {
  Family info("fairlead_build_info", "Always 1; the labels tell what runs.", MetricType::Gauge);
  info.Measure({{"version", build.version}, {"commit", build.commit}}, 1);
  std::move(info).MoveTo(families);
}

void AddDrains(const std::map<std::string, int64_t>& drains,
               std::vector<prometheus::MetricFamily>* families) {
  Family remaining("fairlead_drain_remaining_tunnels", "Tunnels that a drain still waits for, by its cause.",
                   MetricType::Gauge);
  for (const auto& [cause, tunnels] : drains) {
    remaining.Measure({{"cause", cause}}, static_cast<double>(tunnels));
  }
  std::move(remaining).MoveTo(families);
}

void AddOverload(const std::vector<OverloadSample>& samples,
                 std::vector<prometheus::MetricFamily>* families) {
  Family active(
      "fairlead_overload_active",
      "1 while that is done about too many connections of a listener, or about too much memory in buffers.",
      MetricType::Gauge);
  for (const OverloadSample& sample : samples) {
    active.Measure({{"resource", sample.resource}, {"listener", sample.listener}, {"action", sample.action}},
                   sample.in_force ? 1 : 0);
  }
  std::move(active).MoveTo(families);
}

void AddAccessLog(const AccessLog& log, std::vector<prometheus::MetricFamily>* families) {
  Family dropped("fairlead_access_log_dropped_total",
                 "Lines of the access log lost because its writer fell behind.", MetricType::Counter);
  dropped.Count({}, static_cast<double>(log.dropped()));
  std::move(dropped).MoveTo(families);
}

}  // namespace

void AddEndpointFamilies(const std::vector<EndpointSample>& samples,
                         std::vector<prometheus::MetricFamily>* families) {
  // An endpoint that was replaced lives on beside its successor while it has tunnels, and may have the same
  // name.
  std::map<std::pair<std::string_view, std::string_view>, EndpointSample> sums;
  for (const EndpointSample& sample : samples) {
    EndpointSample& sum = sums[{sample.cluster, sample.endpoint}];
    sum.open_tunnels += sample.open_tunnels;
    sum.connect_failures += sample.connect_failures;
    sum.ejections += sample.ejections;
    sum.healthy = sum.healthy && sample.healthy;
  }
  Family open("fairlead_endpoint_open_tunnels", "Tunnels open now to this endpoint.", MetricType::Gauge);
  Family failed("fairlead_endpoint_connect_failures_total", "Connections to this endpoint that failed.",
                MetricType::Counter);
  Family healthy("fairlead_endpoint_healthy",
                 "0 while this endpoint fails its health checks or is ejected, else 1.", MetricType::Gauge);
  Family ejected("fairlead_endpoint_ejections_total",
                 "How often this endpoint was left alone because requests failed at it.",
                 MetricType::Counter);
  for (const auto& [key, sum] : sums) {
    const auto add = [&key = key](Family& family, auto measure, double value) {
      (family.*measure)({{"cluster", key.first}, {"endpoint", key.second}}, value);
    };
    add(open, &Family::Measure, static_cast<double>(sum.open_tunnels));
    add(failed, &Family::Count, static_cast<double>(sum.connect_failures));
    add(healthy, &Family::Measure, sum.healthy ? 1 : 0);
    add(ejected, &Family::Count, static_cast<double>(sum.ejections));
  }
  for (Family* family : {&open, &failed, &healthy, &ejected}) std::move(*family).MoveTo(families);
}

void AddCertificateFamilies(const std::vector<CertificateSample>& samples, const ProcessStats& process,
                            std::vector<prometheus::MetricFamily>* families) {
  // The same file may be named twice: one sample then, of what ends first.
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, base::WallTime> first;
  for (const CertificateSample& sample : samples) {
    const auto [place, fresh] =
        first.try_emplace({sample.listener, sample.cluster, sample.certificate}, sample.expires);
    if (!fresh) place->second = std::min(place->second, sample.expires);
  }
  Family expiry("fairlead_certificate_expiry_timestamp_seconds",
                "When a certificate that is in use ends, in seconds since the epoch.", MetricType::Gauge);
  for (const auto& [labels, expires] : first) {
    const auto& [listener, cluster, certificate] = labels;
    const double seconds = std::chrono::duration<double>(expires.time_since_epoch()).count();
    if (cluster.empty()) {
      expiry.Measure({{"listener", listener}, {"certificate", certificate}}, seconds);
    } else {
      expiry.Measure({{"cluster", cluster}, {"certificate", certificate}}, seconds);
    }
  }
  std::move(expiry).MoveTo(families);
  Family reloads("fairlead_certificate_reloads_total",
                 "Changes of certificate files, by whether what they hold is in use or was refused.",
                 MetricType::Counter);
  reloads.Count({{"result", "applied"}}, static_cast<double>(process.certificates_reloaded()));
  reloads.Count({{"result", "refused"}}, static_cast<double>(process.certificates_refused()));
  std::move(reloads).MoveTo(families);
}

void AddCrlFamily(const std::vector<CrlSample>& samples, std::vector<prometheus::MetricFamily>* families) {
  Family expiry(
      "fairlead_crl_expiry_timestamp_seconds",
      "When the first of the revocation lists in use ends, in seconds since the epoch: from then on "
      "nobody whom its authority signed for is believed.",
      MetricType::Gauge);
  for (const CrlSample& sample : samples) {
    const double seconds = std::chrono::duration<double>(sample.expires.time_since_epoch()).count();
    if (sample.cluster.empty()) {
      expiry.Measure({{"listener", sample.listener}}, seconds);
    } else {
      expiry.Measure({{"cluster", sample.cluster}}, seconds);
    }
  }
  std::move(expiry).MoveTo(families);
}

void AddConfigFamilies(const ProcessStats& process, std::vector<prometheus::MetricFamily>* families) {
  Family revision("fairlead_config_revision", "Revision of the configuration in force.", MetricType::Gauge);
  revision.Measure({}, static_cast<double>(process.config_revision()));
  std::move(revision).MoveTo(families);
  Family applied("fairlead_config_last_applied_timestamp_seconds",
                 "When a configuration was last applied, in seconds since the epoch.", MetricType::Gauge);
  applied.Measure({}, process.config_applied_at());
  std::move(applied).MoveTo(families);
  Family rejected("fairlead_config_rejected_total", "Configurations refused, by where they came from.",
                  MetricType::Counter);
  rejected.Count({{"source", "file"}}, static_cast<double>(process.config_file_rejected()));
  rejected.Count({{"source", "push"}}, static_cast<double>(process.config_push_rejected()));
  rejected.Count({{"source", "fleet"}}, static_cast<double>(process.config_fleet_rejected()));
  std::move(rejected).MoveTo(families);
  Family stale("fairlead_config_stale",
               "1 while the configuration is one from disk that nobody has confirmed since the start.",
               MetricType::Gauge);
  stale.Measure({}, process.config_stale() ? 1 : 0);
  std::move(stale).MoveTo(families);
  Family connected("fairlead_control_connected", "1 while the stream to the control plane stands.",
                   MetricType::Gauge);
  connected.Measure({}, process.control_connected() ? 1 : 0);
  std::move(connected).MoveTo(families);
}

std::string Collector::Render() const {
  std::vector<prometheus::MetricFamily> families;
  AddBuildInfo(sources_.build, &families);
  AddListenerFamilies(*sources_.stats, &families);
  const int64_t open_tunnels = AddRouteFamilies(*sources_.stats, &families);
  auto drains = sources_.drains ? sources_.drains() : std::map<std::string, int64_t>();
  if (sources_.process->draining()) drains["shutdown"] = open_tunnels;
  AddDrains(drains, &families);
  AddWorkerFamilies(*sources_.stats, &families);
  if (sources_.overload) AddOverload(sources_.overload(), &families);
  if (sources_.endpoints) AddEndpointFamilies(sources_.endpoints(), &families);
  AddConfigFamilies(*sources_.process, &families);
  AddCertificateFamilies(sources_.certificates ? sources_.certificates() : std::vector<CertificateSample>(),
                         *sources_.process, &families);
  if (sources_.crls) AddCrlFamily(sources_.crls(), &families);
  if (sources_.access_log != nullptr) AddAccessLog(*sources_.access_log, &families);
  AddProcessFamilies(&families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace fairlead::telemetry
