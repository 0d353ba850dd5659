#include "pkg/route/route.h"

#include <algorithm>
#include <random>
#include <utility>
#include <variant>

#include "pkg/http1/ascii.h"

namespace fairlead::route {
namespace {

websocket::Rules RulesOf(const config::Route& route) {
  const config::Keepalive& keepalive = route.keepalive;
  return {.ping_interval = keepalive.interval,
          .ping_timeout = keepalive.timeout,
          .ping_client = keepalive.send_to != config::PingTarget::kBackend,
          .ping_backend = keepalive.send_to != config::PingTarget::kClient,
          .transparent_idle = route.timeouts.idle.value_or(config::Timeouts::kIdle),
          .max_frame_bytes = route.websocket.max_frame_bytes,
          .max_message_bytes = route.websocket.max_message_bytes,
          .max_messages_per_second = route.websocket.max_messages_per_second,
          .strict = route.websocket.strict};
}

}  // namespace

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
      websocket_rules_(std::make_shared<const websocket::Rules>(RulesOf(route))),
      subprotocols_(route.websocket.subprotocols),
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
