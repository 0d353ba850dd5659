#include "pkg/proxy/body_pace.h"

#include <algorithm>
#include <chrono>

namespace fairlead::proxy {
namespace {

// Of how long a body may take for what has come already. Moments end after 292 years.
constexpr base::Duration kLongest = std::chrono::hours(24 * 365);

}  // namespace

bool BodyPace::Received(size_t bytes, base::MonotonicTime now) {
  const bool first = received_ == 0;
  if (first) began_ = now;
  received_ += bytes;
  return first;
}

void BodyPace::Pause(base::MonotonicTime now) {
  if (!paused_) paused_ = now;
}

void BodyPace::Resume(base::MonotonicTime now) {
  if (!paused_) return;
  began_ += now - *paused_;
  paused_.reset();
}

std::optional<base::MonotonicTime> BodyPace::Due() const {
  if (min_rate_ == 0 || received_ == 0 || paused_) return std::nullopt;
  return began_ + grace_ + std::min(base::Duration(received_ * 1000 / min_rate_), kLongest);
}

}  // namespace fairlead::proxy
