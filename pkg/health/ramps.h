#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "absl/functional/function_ref.h"
#include "pkg/base/clock.h"
#include "pkg/endpoint/endpoint.h"

namespace fairlead::health {

// Slow start: raises the share of endpoints that are new, or have recovered, evenly over the time that their
// cluster gives them, from the first moment that they are known to work. Pure but for the conditions that it
// writes; it is told the time. One thread.
class Ramps {
 public:
  // The endpoint is one of a configuration whose cluster gives newcomers `time`, zero = none. One that has
  // less than its whole share rises from now on, or goes on as it was.
  void Add(const std::shared_ptr<endpoint::Endpoint>& endpoint, base::Duration time);
  // The endpoint works again: from the least share it rises anew. Zero = it has all of it at once.
  void Restart(const std::shared_ptr<endpoint::Endpoint>& endpoint, base::Duration time);
  // Forgets those that `keep` does not name.
  void Prune(absl::FunctionRef<bool(const endpoint::Endpoint&)> keep);

  // `known_to_work` is asked until it says yes for an endpoint once.
  void Advance(base::MonotonicTime now, absl::FunctionRef<bool(const endpoint::Endpoint&)> known_to_work);

  bool empty() const { return ramps_.empty(); }

 private:
  struct Ramp {
    std::shared_ptr<endpoint::Endpoint> endpoint;
    base::Duration time;
    std::optional<base::MonotonicTime> began;
  };

  // One that has begun; whether it is through.
  static bool Raise(const Ramp& ramp, base::MonotonicTime now);

  std::unordered_map<const endpoint::Endpoint*, Ramp> ramps_;
};

}  // namespace fairlead::health
