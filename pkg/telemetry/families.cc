#include "pkg/telemetry/families.h"

#include <utility>

namespace fairlead::telemetry {

Family::Family(std::string_view name, std::string_view help, prometheus::MetricType type) {
  family_.name = name;
  family_.help = help;
  family_.type = type;
}

void Family::Count(Labels labels, double value) {
  Sample(labels).counter.value = value;
}

void Family::Measure(Labels labels, double value) {
  Sample(labels).gauge.value = value;
}

prometheus::ClientMetric::Histogram& Family::Distribution(Labels labels) {
  return Sample(labels).histogram;
}

void Family::MoveTo(std::vector<prometheus::MetricFamily>* families) && {
  if (!family_.metric.empty()) families->push_back(std::move(family_));
}

prometheus::ClientMetric& Family::Sample(Labels labels) {
  prometheus::ClientMetric& sample = family_.metric.emplace_back();
  sample.label.reserve(labels.size());
  for (const Label& label : labels)
    sample.label.push_back({std::string(label.name), std::string(label.value)});
  return sample;
}

}  // namespace fairlead::telemetry
