#pragma once

#include <cstdint>

namespace fairlead::base {

// 2^64 over the golden ratio: its multiples fall far apart.
inline constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

// Well mixed bits of a number (the finalizer of SplitMix64), for a nanosecond. Part of the contract between
// proxies: never change it.
constexpr uint64_t Mix(uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

}  // namespace fairlead::base
