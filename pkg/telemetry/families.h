#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/telemetry/collector.h"

namespace fairlead::telemetry {

// Inside this room only: the parts that a scrape is put together from.

// One metric family in the making.
class Family {
 public:
  struct Label {
    std::string_view name;
    std::string_view value;
  };
  using Labels = std::initializer_list<Label>;

  Family(std::string_view name, std::string_view help, prometheus::MetricType type);

  // For a family of that type.
  void Count(Labels labels, double value);
  void Measure(Labels labels, double value);
  prometheus::ClientMetric::Histogram& Distribution(Labels labels);

  // To the end of `families`; one without samples is left out.
  void MoveTo(std::vector<prometheus::MetricFamily>* families) &&;

 private:
  prometheus::ClientMetric& Sample(Labels labels);

  prometheus::MetricFamily family_;
};

void AddListenerFamilies(const StatsRegistry& stats, std::vector<prometheus::MetricFamily>* families);
// Of routes and clusters, whichever listener they were reached by.
void AddWebSocketFamilies(const std::map<std::pair<std::string, std::string>, RouteInstruments>& routes,
                          std::vector<prometheus::MetricFamily>* families);
// Also tells how many tunnels are open in all.
int64_t AddRouteFamilies(const StatsRegistry& stats, std::vector<prometheus::MetricFamily>* families);
void AddWorkerFamilies(const StatsRegistry& stats, std::vector<prometheus::MetricFamily>* families);
void AddEndpointFamilies(const std::vector<EndpointSample>& samples,
                         std::vector<prometheus::MetricFamily>* families);
void AddCertificateFamilies(const std::vector<CertificateSample>& samples, const ProcessStats& process,
                            std::vector<prometheus::MetricFamily>* families);
void AddCrlFamily(const std::vector<CrlSample>& samples, std::vector<prometheus::MetricFamily>* families);
void AddConfigFamilies(const ProcessStats& process, std::vector<prometheus::MetricFamily>* families);
// The names that every Prometheus client gives to what /proc says about the process.
void AddProcessFamilies(std::vector<prometheus::MetricFamily>* families);

}  // namespace fairlead::telemetry
