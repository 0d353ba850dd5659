#pragma once

#include <string>
#include <vector>

#include "pkg/base/address.h"
#include "pkg/config/config.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::apply {

// A cluster whose endpoints come from DNS.
struct WatchedName {
  std::string cluster;
  config::Dns dns;

  friend bool operator==(const WatchedName&, const WatchedName&) = default;
};

// The names that the configuration asks DNS for, and what it answered. Apply thread.
class WatchedNames {
 public:
  // Whether the list is another now. What was resolved for another name must not answer for a new one, and is
  // forgotten.
  bool Update(const config::Config& config);
  // False for a cluster that is not watched, or by another name: an answer may come late.
  bool Resolved(const std::string& cluster, const std::string& name, std::vector<base::IpAddress> addresses);

  const std::vector<WatchedName>& names() const { return names_; }
  const snapshot::ResolvedNames& resolved() const { return resolved_; }

 private:
  std::vector<WatchedName> names_;
  snapshot::ResolvedNames resolved_;
};

}  // namespace fairlead::apply
