#include "pkg/config/write_load_balancing.h"

#include <string_view>
#include <variant>

#include "pkg/config/duration_text.h"
#include "pkg/config/policy_name.h"
#include "pkg/config/same_site.h"

namespace fairlead::config {
namespace {

// One overload for each kind of key.
void WriteKey(const SourceIpKey& key, JsonWriter& json) {
  json.BeginObject("source_ip");
  json.Number("ipv4_prefix_length", key.ipv4_prefix_length);
  json.Number("ipv6_prefix_length", key.ipv6_prefix_length);
  json.EndObject();
}

void WriteKey(const HeaderKey& key, JsonWriter& json) {
  json.Text("header", key.name);
}

void WriteKey(const CookieKey& key, JsonWriter& json) {
  json.BeginObject("cookie");
  json.Text("name", key.name);
  if (key.issue) {
    json.BeginObject("issue");
    json.Text("path", key.issue->path);
    json.Text("ttl", FormatDuration(key.issue->ttl));
    json.Text("same_site", Name(key.issue->same_site));
    json.Flag("secure", key.issue->secure);
    json.Flag("http_only", key.issue->http_only);
    json.EndObject();
  }
  json.EndObject();
}

void WriteKey(const QueryKey& key, JsonWriter& json) {
  json.Text("query", key.name);
}

void WriteKey(const PathKey& key, JsonWriter& json) {
  json.BeginObject("path");
  json.Number("segments", key.segments);
  json.EndObject();
}

}  // namespace

void WriteLoadBalancing(const LoadBalancing& balancing, JsonWriter& json) {
  json.BeginObject("load_balancing");
  json.Text("policy", PolicyName(balancing.policy));
  if (Hashes(balancing.policy)) {
    json.BeginList("hash_key");
    for (const HashKey& key : balancing.hash_key) {
      json.BeginObject();
      std::visit([&](const auto& kind) { WriteKey(kind, json); }, key);
      json.EndObject();
    }
    json.EndList();
    json.Thousandths("bounded_load_factor", balancing.bounded_load_permille);
  }
  json.Text("slow_start", FormatDuration(balancing.slow_start));
  json.Number("panic_threshold_percent", balancing.panic_threshold_percent);
  json.Number("failover_threshold_percent", balancing.failover_threshold_percent);
  json.Flag("prefer_same_zone", balancing.prefer_same_zone);
  if (balancing.policy == Policy::kMaglev) json.Number("maglev_table_size", balancing.maglev_table_size);
  json.EndObject();
}

}  // namespace fairlead::config
