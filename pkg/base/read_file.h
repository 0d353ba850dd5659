#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace fairlead::base {

// The whole of a regular file. The error says why not, without the path: it cannot be opened or read, is none
// (a directory, a pipe), or is larger than `max_bytes` (kOutOfRange). Never waits for a writer. Any thread.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

}  // namespace fairlead::base
