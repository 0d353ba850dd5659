#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "pkg/config/config.h"
#include "pkg/route/condition.h"
#include "pkg/route/request_view.h"
#include "pkg/route/route.h"
#include "pkg/route/string_map.h"

namespace fairlead::route {

// The routes of a virtual host, laid out in the order in which they are tried: the exact paths, the prefixes
// from the longest to the shortest, the regular expressions as in the file. Among equal paths the route with
// a method goes first, then the one with most headers, then with most query parameters, then the first in the
// file. Immutable.
class VirtualHost {
 public:
  // `cluster_index` tells a cluster's place in the configuration.
  VirtualHost(const config::VirtualHost& host, absl::FunctionRef<size_t(std::string_view)> cluster_index);
  ~VirtualHost();
  VirtualHost(const VirtualHost&) = delete;
  VirtualHost& operator=(const VirtualHost&) = delete;

  const std::string& name() const { return name_; }

  // The route for the request, nullptr when none fits; lives as long as this. Any thread.
  const Route* Match(const RequestView& request) const;

 private:
  struct Entry;

  void SortEntries();

  std::string name_;
  StringMap<std::vector<Entry>> exact_;
  std::vector<Entry> prefixes_;
  std::vector<Entry> regexes_;
};

}  // namespace fairlead::route
