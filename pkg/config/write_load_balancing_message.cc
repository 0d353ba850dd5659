#include "pkg/config/write_load_balancing_message.h"

#include <variant>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/same_site.h"
#include "pkg/config/write_cluster_message.h"

namespace fairlead::config {
namespace {

v1::LoadBalancingPolicy PolicyMessage(Policy policy) {
  switch (policy) {
    case Policy::kRoundRobin:
      return v1::LOAD_BALANCING_POLICY_ROUND_ROBIN;
    case Policy::kLeastConnections:
      return v1::LOAD_BALANCING_POLICY_LEAST_CONNECTIONS;
    case Policy::kMaglev:
      return v1::LOAD_BALANCING_POLICY_MAGLEV;
    case Policy::kRandomTwoChoices:
      return v1::LOAD_BALANCING_POLICY_RANDOM_TWO_CHOICES;
    case Policy::kRingHash:
      return v1::LOAD_BALANCING_POLICY_RING_HASH;
    case Policy::kRendezvous:
      return v1::LOAD_BALANCING_POLICY_RENDEZVOUS;
  }
  return v1::LOAD_BALANCING_POLICY_UNSPECIFIED;
}

// One overload for each kind of key.
void WriteHashKey(const SourceIpKey& key, v1::HashKey* message) {
  message->mutable_source_ip()->set_ipv4_prefix_length(key.ipv4_prefix_length);
  message->mutable_source_ip()->set_ipv6_prefix_length(key.ipv6_prefix_length);
}

void WriteHashKey(const HeaderKey& key, v1::HashKey* message) {
  message->set_header(key.name);
}

void WriteHashKey(const CookieKey& key, v1::HashKey* message) {
  message->mutable_cookie()->set_name(key.name);
  if (!key.issue) return;
  v1::CookieIssue* issue = message->mutable_cookie()->mutable_issue();
  issue->set_path(key.issue->path);
  WriteDurationMessage(key.issue->ttl, issue->mutable_ttl());
  issue->set_same_site(ToMessage(key.issue->same_site));
  issue->set_secure(key.issue->secure);
  issue->set_http_only(key.issue->http_only);
}

void WriteHashKey(const QueryKey& key, v1::HashKey* message) {
  message->set_query(key.name);
}

void WriteHashKey(const PathKey& key, v1::HashKey* message) {
  message->mutable_path()->set_segments(key.segments);
}

}  // namespace

void WriteLoadBalancingMessage(const LoadBalancing& balancing, v1::LoadBalancing* message) {
  message->set_policy(PolicyMessage(balancing.policy));
  for (const HashKey& key : balancing.hash_key) {
    std::visit([&](const auto& kind) { WriteHashKey(kind, message->add_hash_key()); }, key);
  }
  message->set_bounded_load_factor(balancing.bounded_load_permille / 1000.0);
  WriteDurationMessage(balancing.slow_start, message->mutable_slow_start());
  message->set_panic_threshold_percent(balancing.panic_threshold_percent);
  message->set_failover_threshold_percent(balancing.failover_threshold_percent);
  message->set_prefer_same_zone(balancing.prefer_same_zone);
  message->set_maglev_table_size(balancing.maglev_table_size);
}

}  // namespace fairlead::config
