#include "pkg/control/fleet_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pkg/base/read_file.h"

namespace fairlead::control {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

absl::Status Read(const std::string& path, std::string* text) {
  if (path.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> read = base::ReadFile(path, kMaxBytes);
  if (read.ok() && read->empty()) read = absl::NotFoundError("it is empty");
  if (!read.ok()) {
    return absl::NotFoundError(
        fmt::format("control.fleet: cannot read {}: {}", path, std::string(read.status().message())));
  }
  *text = *std::move(read);
  return absl::OkStatus();
}

// What a header may carry (RFC 6750 §2.1 allows less): gRPC ends the process over anything else.
bool IsVisible(char byte) {
  return byte > ' ' && byte < '\x7f';
}

}  // namespace

absl::StatusOr<FleetFiles> ReadFleetFiles(const config::Fleet& fleet) {
  FleetFiles files;
  for (const auto& [path, text] :
       {std::pair(&fleet.ca_file, &files.ca), std::pair(&fleet.cert_file, &files.chain),
        std::pair(&fleet.key_file, &files.key), std::pair(&fleet.token_file, &files.token)}) {
    if (absl::Status status = Read(*path, text); !status.ok()) return status;
  }
  if (fleet.token_file.empty()) return files;
  files.token.erase(files.token.find_last_not_of(" \t\r\n") + 1);
  if (files.token.empty() || !std::all_of(files.token.begin(), files.token.end(), IsVisible)) {
    return absl::InvalidArgumentError("control.fleet: there is no token in " + fleet.token_file);
  }
  return files;
}

}  // namespace fairlead::control
