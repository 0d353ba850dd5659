#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "pkg/config/secret.h"

namespace fairlead::apply {

// The private keys that stood in configurations, by their hash: those in use, and the newest before them,
// which somebody may go back to. In memory and, where it is given, in a directory that is in memory. Apply
// thread.
class KeyStore {
 public:
  // How many keys that are not in use are remembered.
  static constexpr size_t kMaxUnused = 64;

  // Kept in this directory from now on; those that are there are found. Fails where it is not this user's
  // own, or not in memory.
  absl::Status Open(const std::string& directory);

  // Null where it is nowhere.
  std::shared_ptr<const std::string> Find(const config::Secret& secret);
  // Remembers one whose text is known. Fails where it cannot be written to the directory.
  absl::Status Add(const config::Secret& secret);
  // These are in use; the oldest of the others are forgotten.
  void Keep(const std::set<std::string>& in_use);

 private:
  struct Key {
    std::shared_ptr<const std::string> text;
    uint64_t used = 0;  // when it last was, in the order of Keep and Add
  };

  absl::Status Write(const config::Secret& secret) const;

  std::string directory_;  // empty = none
  std::map<std::string, Key> keys_;
  uint64_t now_ = 0;
};

}  // namespace fairlead::apply
