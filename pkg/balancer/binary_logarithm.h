#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace fairlead::balancer {

// The part of log2(1 + i / 256) behind the point, with 32 binary places, digit by digit: squaring a number
// doubles its logarithm.
constexpr std::array<uint64_t, 257> MakeLogarithms() {
  std::array<uint64_t, 257> logarithms{};
  for (uint64_t i = 0; i < 256; ++i) {
    uint64_t number = (256 + i) << 23;  // 1 to 2, with 31 binary places
    for (int digit = 0; digit < 32; ++digit) {
      number = number * number >> 31;
      const bool one = number >> 32 != 0;
      logarithms[i] = logarithms[i] * 2 + (one ? 1 : 0);
      if (one) number >>= 1;
    }
  }
  logarithms[256] = uint64_t{1} << 32;
  return logarithms;
}

inline constexpr std::array<uint64_t, 257> kLogarithms = MakeLogarithms();

// -log2(draw / 2^64) with 32 binary places, in whole numbers: a logarithm of the C library may differ between
// machines, this one may not. Never grows when `draw` does.
constexpr uint64_t NegativeLog2(uint64_t draw) {
  if (draw == 0) return uint64_t{64} << 32;
  const auto leading = static_cast<unsigned>(std::countl_zero(draw));
  const uint64_t digits = draw << leading << 1;  // those behind the first one
  const uint64_t place = digits >> 56, between = digits << 8 >> 40;
  const uint64_t gap = kLogarithms[place + 1] - kLogarithms[place];
  const uint64_t part = kLogarithms[place] + (gap * between >> 24);
  return ((uint64_t{leading} + 1) << 32) - part;
}

}  // namespace fairlead::balancer
