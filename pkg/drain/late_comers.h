#pragma once

#include "pkg/base/clock.h"

namespace fairlead::drain {

// Inside this room only: how causes that end with the last who may come look for them.

// How long an upgrade that was under way when the cause came may still take to become a tunnel, at most.
inline constexpr base::Duration kLateComers{120'000};
// How often it is looked for them.
inline constexpr base::Duration kLookForLateComers{5000};

}  // namespace fairlead::drain
