#pragma once

#include <optional>
#include <vector>

#include "pkg/config/violation.h"

namespace fairlead::config {

// A value that was made from somebody's input, or everything that is wrong with that.
template <typename T>
struct Checked {
  std::optional<T> value;             // set when there is no violation
  std::vector<Violation> violations;  // all of them
};

}  // namespace fairlead::config
