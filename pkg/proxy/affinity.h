#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/random.h"
#include "pkg/endpoint/lease.h"
#include "pkg/route/request_view.h"
#include "pkg/snapshot/cluster.h"
#include "pkg/snapshot/ties.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::proxy {

// What ties a client to a backend by a cookie, for one request to a cluster. One thread.
class Affinity {
 public:
  // `sealers` are those of the configuration in force. The cluster outlives this.
  Affinity(const snapshot::Cluster& cluster, const route::RequestView& request,
           const sticky::Sealers& sealers, base::Random& random);

  // What a policy that hashes places the request by. Where that is a cookie that the client is to be given,
  // the answer sets it.
  std::optional<uint64_t> key() const { return ties_.key; }

  // A place at the endpoint that the client's sticky cookie names, where there is one and it may be had.
  std::optional<endpoint::Lease> Return() const;

  // The values of Set-Cookie for an answer from this endpoint: where the client came from elsewhere, and
  // where its cookie would run out.
  std::vector<std::string> CookiesFor(const endpoint::Endpoint& endpoint) const;

 private:
  const snapshot::Cluster& cluster_;
  std::shared_ptr<const sticky::Sealer> sealer_;  // null = no sticky cookies
  snapshot::Ties ties_;
};

}  // namespace fairlead::proxy
