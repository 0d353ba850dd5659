#pragma once

#include <random>

namespace fairlead::base {

// The random source that is passed around: one per thread, seeded by its owner (tests seed it with a
// constant). Good enough to spread load and to name requests; never use it for a secret.
using Random = std::mt19937_64;

}  // namespace fairlead::base
