#include "pkg/health/ramps.h"

#include <iterator>

namespace fairlead::health {

void Ramps::Add(const std::shared_ptr<endpoint::Endpoint>& endpoint, base::Duration time) {
  if (endpoint->condition().share == endpoint::kWholeShare) return;
  if (time <= base::Duration(0)) {
    ramps_.erase(endpoint.get());
    endpoint->SetShare(endpoint::kWholeShare);
    return;
  }
  Ramp& ramp = ramps_[endpoint.get()];
  ramp.endpoint = endpoint;
  ramp.time = time;
}

void Ramps::Restart(const std::shared_ptr<endpoint::Endpoint>& endpoint, base::Duration time) {
  if (time <= base::Duration(0)) return;
  endpoint->SetShare(1);
  ramps_[endpoint.get()] = {.endpoint = endpoint, .time = time, .began = std::nullopt};
}

void Ramps::Prune(absl::FunctionRef<bool(const endpoint::Endpoint&)> keep) {
  std::erase_if(ramps_, [&](const auto& entry) { return !keep(*entry.second.endpoint); });
}

void Ramps::Advance(base::MonotonicTime now,
                    absl::FunctionRef<bool(const endpoint::Endpoint&)> known_to_work) {
  for (auto next = ramps_.begin(); next != ramps_.end();) {
    Ramp& ramp = next->second;
    if (!ramp.began && known_to_work(*ramp.endpoint)) ramp.began = now;
    const bool whole = ramp.began && Raise(ramp, now);
    next = whole ? ramps_.erase(next) : std::next(next);
  }
}

bool Ramps::Raise(const Ramp& ramp, base::MonotonicTime now) {
  const auto elapsed = std::chrono::duration_cast<base::Duration>(now - *ramp.began);
  const bool whole = elapsed >= ramp.time;
  const int64_t share =
      whole ? endpoint::kWholeShare : elapsed.count() * endpoint::kWholeShare / ramp.time.count();
  ramp.endpoint->SetShare(static_cast<uint32_t>(share));
  return whole;
}

}  // namespace fairlead::health
