#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/route/request_view.h"
#include "pkg/route/string_map.h"
#include "pkg/route/virtual_host.h"

namespace fairlead::route {

// Where the requests of one listener go: by host to a virtual host, there by path to a route. A host that is
// named exactly goes first, then the longest "*.suffix" (which takes any number of labels in the star's
// place), then "*"; the routes of other virtual hosts are not tried when that one's do not fit. Immutable
// once it is filled.
class RouteTable {
 public:
  // `domain` is "name", "*.suffix" or "*", in lower case; the first virtual host that claims one keeps it.
  void Add(std::string_view domain, std::shared_ptr<const VirtualHost> host);

  // The route for the request, nullptr when there is none (404); lives as long as this. Any thread.
  const Route* Match(const RequestView& request) const;

 private:
  const VirtualHost* FindHost(std::string_view name) const;

  StringMap<std::shared_ptr<const VirtualHost>> exact_;
  StringMap<std::shared_ptr<const VirtualHost>> suffixes_;  // with the dot in front
  size_t longest_suffix_ = 0;
  std::shared_ptr<const VirtualHost> any_;
};

// The tables of a validated configuration, one for each of its listeners, in their order.
std::vector<std::shared_ptr<const RouteTable>> CompileRouteTables(const config::Config& config);

}  // namespace fairlead::route
