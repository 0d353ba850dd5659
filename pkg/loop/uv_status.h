#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace fairlead::loop {

// The only mapping from libuv's error numbers (negative errno) to a Status; 0 is OK.
absl::Status UvStatus(int rc, std::string_view operation);
// The same for errno after a system call of our own.
absl::Status ErrnoStatus(int error, std::string_view operation);

}  // namespace fairlead::loop
