#include "pkg/route/route.h"

#include <algorithm>
#include <random>
#include <utility>
#include <variant>

#include "pkg/http1/ascii.h"

namespace fairlead::route {

Route::Route(std::string virtual_host, const config::Route& route, std::vector<Target> targets)
    : name_(route.name),
      virtual_host_(std::move(virtual_host)),
      targets_(std::move(targets)),
      upgrades_(route.upgrades),
      rewrite_host_(route.rewrite.host),
      request_headers_(route.request_headers),
      response_headers_(route.response_headers),
      forwarded_header_(route.forwarded_header),
      via_header_(route.via_header),
      timeouts_(route.timeouts),
      origins_(route.origins),
      client_addresses_(route.client_addresses) {
  if (const auto* redirect = std::get_if<config::Redirect>(&route.action)) redirect_ = *redirect;
  for (const Target& target : targets_) total_weight_ += target.weight;
  const auto* match = std::get_if<config::PrefixMatch>(&route.match.path);
  if (match != nullptr && route.rewrite.prefix) {
    rewrite_prefix_ = PrefixRewrite{match->prefix.size(), *route.rewrite.prefix};
  }
}

const Target& Route::PickTarget(base::Random& random) const {
  if (targets_.size() == 1 || total_weight_ == 0) return targets_.front();
  uint64_t point = std::uniform_int_distribution<uint64_t>(0, total_weight_ - 1)(random);
  for (const Target& target : targets_) {
    if (point < target.weight) return target;
    point -= target.weight;
  }
  return targets_.back();
}

bool Route::AllowsUpgrade(std::string_view token) const {
  if (http1::EqualsIgnoreCase(token.substr(0, token.find('/')), "h2c")) return false;
  return std::any_of(upgrades_.begin(), upgrades_.end(), [&](const std::string& allowed) {
    return allowed == "*" || http1::EqualsIgnoreCase(allowed, token);
  });
}

std::string Route::RewritePath(std::string_view path) const {
  if (!rewrite_prefix_ || path == "*") return std::string(path);
  std::string_view rest = path.substr(std::min(path.size(), rewrite_prefix_->matched_size));
  std::string rewritten = rewrite_prefix_->replacement;
  if (rest.empty()) return rewritten.empty() ? "/" : rewritten;
  // One slash where the two meet, whichever of them brought it.
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (!rewritten.ends_with('/')) rewritten.push_back('/');
  return rewritten.append(rest);
}

}  // namespace fairlead::route
