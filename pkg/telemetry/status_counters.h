#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "pkg/telemetry/instruments.h"

namespace fairlead::telemetry {

// One counter for each final status code of IANA's registry (RFC 9110 §16.2), 101 included, and one for
// "other": a backend may answer with any number, and a label must not be anybody's to invent.
class StatusCounters {
 public:
  static constexpr size_t kSize = 59;

  void Add(int status);
  void Absorb(const StatusCounters& other);

  // "200", "other": the label of the counter at `index`, 0 ≤ index < kSize.
  static std::string Label(size_t index);
  uint64_t value(size_t index) const { return counters_[index].value(); }

 private:
  std::array<Counter, kSize> counters_;
};

}  // namespace fairlead::telemetry
