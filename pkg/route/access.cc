#include "pkg/route/access.h"

#include <algorithm>

#include "pkg/http1/origin.h"

namespace fairlead::route {
namespace {

bool Contain(const std::vector<base::Cidr>& prefixes, const std::optional<base::IpAddress>& client) {
  return client && std::any_of(prefixes.begin(), prefixes.end(),
                               [&](const base::Cidr& prefix) { return prefix.Contains(*client); });
}

}  // namespace

OriginRules::OriginRules(const config::OriginRules& rules) : required_(rules.required) {
  for (const std::string& origin : rules.allowed) {
    const size_t star = origin.find('*');
    if (star == std::string::npos) {
      exact_.push_back(origin);
    } else {
      wildcards_.push_back({origin.substr(0, star), origin.substr(star + 1)});
    }
  }
}

bool OriginRules::Allow(const http1::Fields& request) const {
  if (exact_.empty() && wildcards_.empty()) return true;
  const size_t lines = request.Count("origin");
  if (lines == 0) return !required_;
  const auto origin = http1::NormalizeOrigin(*request.Get("origin"));
  return lines == 1 && origin && Lists(*origin);
}

bool OriginRules::Lists(std::string_view origin) const {
  if (std::find(exact_.begin(), exact_.end(), origin) != exact_.end()) return true;
  return std::any_of(wildcards_.begin(), wildcards_.end(), [origin](const Wildcard& one) {
    return origin.size() > one.front.size() + one.back.size() && origin.starts_with(one.front) &&
           origin.ends_with(one.back);
  });
}

bool AddressRules::Allow(const std::optional<base::IpAddress>& client) const {
  if (Contain(rules_.deny, client)) return false;
  return rules_.allow.empty() || Contain(rules_.allow, client);
}

}  // namespace fairlead::route
