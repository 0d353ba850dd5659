#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace fairlead::apply {

// What tells a file from the one that was there before: it changes when the file is written to, replaced, or
// reached over another link, as Kubernetes swaps the volumes of secrets.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = -1;  // no file
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;

  auto operator<=>(const FileStamp&) const = default;
};

using FileStamps = std::map<std::string, FileStamp>;

// As the files are now.
FileStamps TakeStamps(const std::set<std::string>& paths);

}  // namespace fairlead::apply
