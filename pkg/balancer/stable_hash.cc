#include "pkg/balancer/stable_hash.h"

#include <xxhash.h>

namespace fairlead::balancer {

uint64_t StableHash(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

uint64_t StableHash(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace fairlead::balancer
