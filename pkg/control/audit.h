#pragma once

#include <string_view>

#include "pkg/apply/change.h"

namespace fairlead::control {

// One line in the process's log for a change that was asked for: who, what, and what came of it.
void Audit(const apply::Origin& origin, std::string_view what, const apply::Answer& answer);

}  // namespace fairlead::control
