#include "pkg/config/domain_claims.h"

#include <fmt/format.h>

#include <vector>

#include "pkg/config/quote.h"

namespace fairlead::config {
namespace {

constexpr char kEverywhere[] = "";  // no listener has this name

}  // namespace

void DomainClaims::Add(const VirtualHost& host, const Path& path, Report& report) {
  const std::vector<std::string> everywhere = {kEverywhere};
  const std::vector<std::string>& listeners = host.listeners.empty() ? everywhere : host.listeners;
  const Path list = path.Field("domains");
  for (size_t i = 0; i < host.domains.size(); ++i) {
    if (host.domains[i].empty()) continue;  // reported
    const Path item = list.Index(i);
    const std::string own = item.ToString();
    Claims& claims = domains_[host.domains[i]];
    for (const std::string& listener : listeners) {
      const std::string* rival = Rival(claims, listener);
      if (rival == nullptr) {
        (listener == kEverywhere ? claims.everywhere : claims.by_listener[listener]) = own;
      } else if (*rival != own) {  // it is, where a listener is named twice, which is reported
        report.Add(
            item,
            fmt::format("the domain {} is taken on the same listener by {}", Quote(host.domains[i]), *rival),
            "serve a domain in one virtual host of a listener");
      }
    }
  }
}

const std::string* DomainClaims::Rival(const Claims& claims, const std::string& listener) {
  if (!claims.everywhere.empty()) return &claims.everywhere;
  if (listener == kEverywhere) {
    return claims.by_listener.empty() ? nullptr : &claims.by_listener.begin()->second;
  }
  const auto same = claims.by_listener.find(listener);
  return same == claims.by_listener.end() ? nullptr : &same->second;
}

}  // namespace fairlead::config
