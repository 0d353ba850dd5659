#include "pkg/telemetry/status_counters.h"

#include <algorithm>

namespace fairlead::telemetry {
namespace {

constexpr size_t kOther = StatusCounters::kSize - 1;

// Ascending.
constexpr std::array<int, kOther> kCodes{
    101, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400,
    401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423,
    424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
};
static_assert(kCodes.back() != 0);

}  // namespace

void StatusCounters::Add(int status) {
  const auto found = std::lower_bound(kCodes.begin(), kCodes.end(), status);
  const bool known = found != kCodes.end() && *found == status;
  counters_[known ? static_cast<size_t>(found - kCodes.begin()) : kOther].Add(1);
}

void StatusCounters::Absorb(const StatusCounters& other) {
  for (size_t i = 0; i < kSize; ++i) counters_[i].Add(other.value(i));
}

std::string StatusCounters::Label(size_t index) {
  return index < kOther ? std::to_string(kCodes[index]) : "other";
}

}  // namespace fairlead::telemetry
