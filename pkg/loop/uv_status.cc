#include "pkg/loop/uv_status.h"

#include <fmt/format.h>
#include <uv.h>

namespace fairlead::loop {

absl::Status UvStatus(int rc, std::string_view operation) {
  return rc == 0 ? absl::OkStatus() : ErrnoStatus(-rc, operation);
}

absl::Status ErrnoStatus(int error, std::string_view operation) {
  return absl::ErrnoToStatus(error, fmt::format("{}: {}", operation, uv_strerror(-error)));
}

}  // namespace fairlead::loop
