#include "pkg/telemetry/instruments.h"

#include <algorithm>

namespace fairlead::telemetry {

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds), counts_(std::make_unique<Counter[]>(bounds.size() + 1)) {}

void Histogram::Observe(Seconds value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value.count());
  counts_[static_cast<size_t>(bucket - bounds_.begin())].Add(1);
  sum_.store(sum() + value.count(), std::memory_order_relaxed);
}

}  // namespace fairlead::telemetry
