#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::testing {

// The bytes of a tunnel: every place of every tunnel has a value that its neighbours do not have, so that a
// byte that is lost, doubled or another tunnel's is noticed.
class Pattern {
 public:
  explicit Pattern(uint64_t tunnel) : tunnel_(tunnel) {}

  // `size` bytes from that place on.
  std::string From(size_t place, size_t size) const {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = At(place + i);
    return bytes;
  }
  bool Matches(size_t place, std::string_view bytes) const {
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] != At(place + i)) return false;
    }
    return true;
  }

 private:
  char At(size_t place) const { return static_cast<char>((tunnel_ * 31 + place * 7 + (place >> 8)) & 0xff); }

  uint64_t tunnel_;
};

}  // namespace fairlead::testing
