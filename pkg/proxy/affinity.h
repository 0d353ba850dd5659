#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/endpoint/lease.h"
#include "pkg/http1/fields.h"
#include "pkg/snapshot/cluster.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::proxy {

// What ties a client to a backend by a cookie, for one request to a cluster. One thread.
class Affinity {
 public:
  // `sealers` of the configuration in force. Both outlive this.
  Affinity(const snapshot::Cluster& cluster, const sticky::Sealers& sealers);

  // A place at the endpoint that the client's sticky cookie names, where there is one and it may be had.
  std::optional<endpoint::Lease> Return(const http1::Fields& request);

  // The values of Set-Cookie for an answer from this endpoint: where the client came from elsewhere, and
  // where its cookie would run out.
  std::vector<std::string> CookiesFor(const endpoint::Endpoint& endpoint) const;

 private:
  const snapshot::Cluster& cluster_;
  std::shared_ptr<const sticky::Sealer> sealer_;  // null = no sticky cookies
  std::string named_;                             // by the client's cookie: the label of an endpoint
};

}  // namespace fairlead::proxy
