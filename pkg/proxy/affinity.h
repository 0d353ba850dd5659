#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/endpoint/lease.h"
#include "pkg/http1/fields.h"
#include "pkg/route/request_view.h"
#include "pkg/snapshot/cluster.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::proxy {

// What ties a client to a backend by a cookie, for one request to a cluster. One thread.
class Affinity {
 public:
  // `hash_keys` are the cluster's, `sealers` those of the configuration in force. All outlive this.
  Affinity(const snapshot::Cluster& cluster, std::span<const config::HashKey> hash_keys,
           const sticky::Sealers& sealers);

  // What a policy that hashes places the request by. Where that is a cookie that the client is to be given, a
  // value is made now: the answer sets it, and it places this request already.
  std::optional<uint64_t> Key(const route::RequestView& request, base::Random& random);

  // A place at the endpoint that the client's sticky cookie names, where there is one and it may be had.
  std::optional<endpoint::Lease> Return(const http1::Fields& request);

  // The values of Set-Cookie for an answer from this endpoint: where the client came from elsewhere, and
  // where its cookie would run out.
  std::vector<std::string> CookiesFor(const endpoint::Endpoint& endpoint) const;

 private:
  const snapshot::Cluster& cluster_;
  const std::span<const config::HashKey> hash_keys_;
  const config::CookieKey* issued_ = nullptr;  // the hash cookie that the client is given
  std::string issued_value_;
  std::shared_ptr<const sticky::Sealer> sealer_;  // null = no sticky cookies
  std::string named_;                             // by the client's cookie: the label of an endpoint
};

}  // namespace fairlead::proxy
