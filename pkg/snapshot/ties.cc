#include "pkg/snapshot/ties.h"

#include <fmt/format.h>

#include <string_view>

#include "pkg/balancer/stable_hash.h"
#include "pkg/http1/cookies.h"
#include "pkg/route/hash_key.h"

namespace fairlead::snapshot {

Ties FindTies(const Cluster& cluster, const route::RequestView& request, const sticky::Sealer* sealer,
              base::Random& random) {
  Ties ties;
  ties.issue = route::CookieToIssue(cluster.hash_keys(), request);
  if (ties.issue != nullptr) {
    ties.issued_value = fmt::format("{:016x}{:016x}", random(), random());
    ties.key = balancer::StableHash(ties.issued_value);
  } else {
    ties.key = cluster.Key(request);
  }
  const auto& sticky_cookie = cluster.resilience().sticky_cookie;
  if (sealer == nullptr || !sticky_cookie) return ties;
  // A client may have several of one name, from other paths and domains: one of them is ours.
  http1::ForEachCookie(request.headers, sticky_cookie->name, [&](std::string_view value) {
    if (auto label = sealer->Open(cluster.name(), value)) ties.named = *std::move(label);
    return ties.named.empty();
  });
  return ties;
}

}  // namespace fairlead::snapshot
