#pragma once

#include <string_view>

#include "pkg/apply/change.h"
#include "pkg/base/clock.h"

namespace fairlead::apply {

// One line in the process's log for a change that was asked for: who, what, for how long it takes the
// configuration over from its owner (zero = it does not), and what came of it. What others chose is quoted.
void Audit(const Origin& origin, std::string_view what, const Answer& answer, base::Duration overriding = {});

}  // namespace fairlead::apply
