#pragma once

namespace fairlead::control {

// Inside this room only: what the API that is served and the stream that is dialled have in common.

// A whole configuration with tens of thousands of endpoints is a few MiB.
inline constexpr int kMaxMessageBytes = 64 << 20;
// A peer that is gone, or cut off, is noticed within the sum of the two.
inline constexpr int kKeepaliveMs = 10'000;
inline constexpr int kKeepaliveTimeoutMs = 10'000;

}  // namespace fairlead::control
