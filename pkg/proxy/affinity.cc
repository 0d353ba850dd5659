#include "pkg/proxy/affinity.h"

#include "pkg/http1/cookies.h"
#include "pkg/proxy/set_cookie.h"

namespace fairlead::proxy {

Affinity::Affinity(const snapshot::Cluster& cluster, const sticky::Sealers& sealers) : cluster_(cluster) {
  if (!cluster.resilience().sticky_cookie) return;
  if (const auto found = sealers.find(cluster.name()); found != sealers.end()) sealer_ = found->second;
}

std::optional<endpoint::Lease> Affinity::Return(const http1::Fields& request) {
  if (sealer_ == nullptr) return std::nullopt;
  const auto value = http1::FindCookie(request, cluster_.resilience().sticky_cookie->name);
  if (!value) return std::nullopt;
  named_ = sealer_->Open(cluster_.name(), *value).value_or("");
  return named_.empty() ? std::nullopt : cluster_.Take(named_);
}

std::vector<std::string> Affinity::CookiesFor(const endpoint::Endpoint& endpoint) const {
  if (sealer_ == nullptr) return {};
  const config::StickyCookie& cookie = *cluster_.resilience().sticky_cookie;
  if (named_ == endpoint.label() && cookie.ttl <= base::Duration(0)) return {};
  const std::string value = sealer_->Seal(cluster_.name(), endpoint.label());
  if (value.empty()) return {};
  return {SetCookie(cookie.name, value,
                    {.path = cookie.path,
                     .ttl = cookie.ttl,
                     .same_site = cookie.same_site,
                     .secure = cookie.secure,
                     .http_only = cookie.http_only})};
}

}  // namespace fairlead::proxy
