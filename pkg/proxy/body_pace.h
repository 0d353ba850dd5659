#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "pkg/base/clock.h"

namespace fairlead::proxy {

// How long the body of a request may take: from its first byte on a grace, and a second for each so many
// bytes that have come. Time in which it is not read does not count. Pure.
class BodyPace {
 public:
  // `min_rate`: bytes a second; 0 = it may take for ever.
  BodyPace(uint32_t min_rate, base::Duration grace) : min_rate_(min_rate), grace_(grace) {}

  // Never empty. True for the first ones.
  bool Received(size_t bytes, base::MonotonicTime now);
  // Both are idempotent.
  void Pause(base::MonotonicTime now);
  void Resume(base::MonotonicTime now);

  // When it is too late, as things are; nothing before it has begun, and while it is paused.
  std::optional<base::MonotonicTime> Due() const;

 private:
  const uint32_t min_rate_;
  const base::Duration grace_;
  uint64_t received_ = 0;
  base::MonotonicTime began_;  // less what it was paused since
  std::optional<base::MonotonicTime> paused_;
};

}  // namespace fairlead::proxy
