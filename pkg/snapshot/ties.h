#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/route/request_view.h"
#include "pkg/snapshot/cluster.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::snapshot {

// What ties a request to an endpoint of its cluster. Whoever serves requests and whoever explains them ask
// here.
struct Ties {
  // What a policy that hashes places the request by.
  std::optional<uint64_t> key;
  // The hash cookie that the client is to be given, and its value, which the key is made of; nullptr = none.
  // It lives as long as the cluster.
  const config::CookieKey* issue = nullptr;
  std::string issued_value;
  // The endpoint that the client's sticky cookie names, by its label: where it goes if it may be had there.
  // Empty = none is named.
  std::string named;
};

// `sealer` is the cluster's; nullptr = nobody comes back to it by a cookie.
Ties FindTies(const Cluster& cluster, const route::RequestView& request, const sticky::Sealer* sealer,
              base::Random& random);

}  // namespace fairlead::snapshot
