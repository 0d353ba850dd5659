#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead::balancer {

// XXH3, 64 bits: the same value in every process, on every machine and in every version, which is what lets
// proxies agree without talking. Part of the contract: never change it. It is no defence against chosen
// input.
uint64_t StableHash(std::string_view bytes);

// The same with another seed, where two independent values are needed of one text.
uint64_t StableHash(std::string_view bytes, uint64_t seed);

}  // namespace fairlead::balancer
