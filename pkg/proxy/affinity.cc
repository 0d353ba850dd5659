#include "pkg/proxy/affinity.h"

#include <fmt/format.h>

#include "pkg/balancer/stable_hash.h"
#include "pkg/http1/cookies.h"
#include "pkg/proxy/set_cookie.h"
#include "pkg/route/hash_key.h"

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

Affinity::Affinity(const snapshot::Cluster& cluster, std::span<const config::HashKey> hash_keys,
                   const sticky::Sealers& sealers)
    : cluster_(cluster), hash_keys_(hash_keys) {
  if (!cluster.resilience().sticky_cookie) return;
  if (const auto found = sealers.find(cluster.name()); found != sealers.end()) sealer_ = found->second;
}

std::optional<uint64_t> Affinity::Key(const route::RequestView& request, base::Random& random) {
  issued_ = route::CookieToIssue(hash_keys_, request);
  if (issued_ == nullptr) return cluster_.Key(request);
  issued_value_ = fmt::format("{:016x}{:016x}", random(), random());
  return balancer::StableHash(issued_value_);
}

std::optional<endpoint::Lease> Affinity::Return(const http1::Fields& request) {
  if (sealer_ == nullptr) return std::nullopt;
  const auto value = http1::FindCookie(request, cluster_.resilience().sticky_cookie->name);
  if (!value) return std::nullopt;
  named_ = sealer_->Open(cluster_.name(), *value).value_or("");
  return named_.empty() ? std::nullopt : cluster_.Take(named_);
}

std::vector<std::string> Affinity::CookiesFor(const endpoint::Endpoint& endpoint) const {
  std::vector<std::string> cookies;
  if (issued_ != nullptr)
    cookies.push_back(SetCookie(issued_->name, issued_value_, RulesOf(*issued_->issue)));
  if (sealer_ == nullptr) return cookies;
  const config::StickyCookie& cookie = *cluster_.resilience().sticky_cookie;
  if (named_ == endpoint.label() && cookie.ttl <= base::Duration(0)) return cookies;
  const std::string value = sealer_->Seal(cluster_.name(), endpoint.label());
  if (!value.empty()) cookies.push_back(SetCookie(cookie.name, value, RulesOf(cookie)));
  return cookies;
}

}  // namespace fairlead::proxy
