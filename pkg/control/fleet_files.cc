#include "pkg/control/fleet_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace fairlead::control {
namespace {

absl::Status Read(const std::string& path, std::string* text) {
  if (path.empty()) return absl::OkStatus();
  std::ifstream file(path, std::ios::binary);
  text->assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  if (!file || text->empty()) return absl::NotFoundError("control.fleet: cannot read " + path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FleetFiles> ReadFleetFiles(const config::Fleet& fleet) {
  FleetFiles files;
  for (const auto& [path, text] :
       {std::pair(&fleet.ca_file, &files.ca), std::pair(&fleet.cert_file, &files.chain),
        std::pair(&fleet.key_file, &files.key)}) {
    if (absl::Status status = Read(*path, text); !status.ok()) return status;
  }
  return files;
}

}  // namespace fairlead::control
