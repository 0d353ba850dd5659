#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace fairlead::apply {

// Names for states of the configuration, none of them used twice, by this process or another. Apply thread.
class Etags {
 public:
  // `epoch` is random: it tells this process's from those of the ones before it.
  explicit Etags(uint64_t epoch) : epoch_(epoch) {}

  std::string Next() { return fmt::format("{:016x}-{}", epoch_, ++serial_); }

 private:
  const uint64_t epoch_;
  uint64_t serial_ = 0;
};

}  // namespace fairlead::apply
