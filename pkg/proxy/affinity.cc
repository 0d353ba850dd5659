#include "pkg/proxy/affinity.h"

#include "pkg/proxy/set_cookie.h"

namespace fairlead::proxy {
namespace {

// Of a sticky cookie or of a hash key's: they have the same fields.
template <typename Cookie>
CookieRules RulesOf(const Cookie& cookie) {
  return {.path = cookie.path,
          .ttl = cookie.ttl,
          .same_site = cookie.same_site,
          .secure = cookie.secure,
          .http_only = cookie.http_only};
}

}  // namespace

Affinity::Affinity(const snapshot::Cluster& cluster, const route::RequestView& request,
                   const sticky::Sealers& sealers, base::Random& random)
    : cluster_(cluster) {
  if (cluster.resilience().sticky_cookie) {
    if (const auto found = sealers.find(cluster.name()); found != sealers.end()) sealer_ = found->second;
  }
  ties_ = snapshot::FindTies(cluster, request, sealer_.get(), random);
}

std::optional<endpoint::Lease> Affinity::Return() const {
  return ties_.named.empty() ? std::nullopt : cluster_.Take(ties_.named);
}

std::vector<std::string> Affinity::CookiesFor(const endpoint::Endpoint& endpoint) const {
  std::vector<std::string> cookies;
  if (const config::CookieKey* issue = ties_.issue; issue != nullptr) {
    cookies.push_back(SetCookie(issue->name, ties_.issued_value, RulesOf(*issue->issue)));
  }
  if (sealer_ == nullptr) return cookies;
  const config::StickyCookie& cookie = *cluster_.resilience().sticky_cookie;
  if (ties_.named == endpoint.label() && cookie.ttl <= base::Duration(0)) return cookies;
  const std::string value = sealer_->Seal(cluster_.name(), endpoint.label());
  if (!value.empty()) cookies.push_back(SetCookie(cookie.name, value, RulesOf(cookie)));
  return cookies;
}

}  // namespace fairlead::proxy
