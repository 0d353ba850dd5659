#include "pkg/config/write_resilience.h"

#include "pkg/config/duration_text.h"
#include "pkg/config/same_site.h"
#include "pkg/config/write_drain.h"

namespace fairlead::config {
namespace {

void WriteCheck(const TcpCheck&, JsonWriter& json) {
  json.BeginObject("tcp");
  json.EndObject();
}

void WriteCheck(const HttpCheck& check, JsonWriter& json) {
  json.BeginObject("http");
  json.Text("path", check.path);
  json.Text("host", check.host);
  if (!check.expected_statuses.empty()) {
    json.BeginList("expected_statuses");
    for (const uint32_t status : check.expected_statuses) json.Number(status);
    json.EndList();
  }
  json.EndObject();
}

void WriteCheck(const WebSocketCheck& check, JsonWriter& json) {
  json.BeginObject("websocket");
  json.Text("path", check.path);
  json.Text("host", check.host);
  json.EndObject();
}

void WriteHealthCheck(const HealthCheck& health, JsonWriter& json) {
  json.BeginObject("health_check");
  std::visit([&](const auto& check) { WriteCheck(check, json); }, health.check);
  json.Text("interval", FormatDuration(health.interval));
  json.Number("interval_jitter_percent", health.interval_jitter_percent);
  json.Text("unknown_interval", FormatDuration(health.unknown_interval));
  json.Text("timeout", FormatDuration(health.timeout));
  json.Number("healthy_threshold", health.healthy_threshold);
  json.Number("unhealthy_threshold", health.unhealthy_threshold);
  json.EndObject();
}

void WriteOutlier(const Outlier& outlier, JsonWriter& json) {
  json.BeginObject("outlier");
  json.Number("consecutive_failures", outlier.consecutive_failures);
  json.Text("ejection", FormatDuration(outlier.ejection));
  json.Text("max_ejection", FormatDuration(outlier.max_ejection));
  json.Number("max_ejected_percent", outlier.max_ejected_percent);
  json.EndObject();
}

void WriteLimits(const ClusterLimits& limits, JsonWriter& json) {
  json.BeginObject("limits");
  json.Number("max_connections", limits.max_connections);
  json.Number("max_connections_per_endpoint", limits.max_connections_per_endpoint);
  json.Number("max_pending_connects_per_endpoint", limits.max_pending_connects_per_endpoint);
  json.EndObject();
}

void WriteRetries(const Retries& retries, JsonWriter& json) {
  json.BeginObject("retries");
  json.Number("attempts", retries.attempts);
  json.BeginList("retry_on");
  if (retries.on_connect_failure) json.Text("CONNECT_FAILURE");
  if (retries.on_refused) json.Text("REFUSED");
  if (retries.on_before_response) json.Text("BEFORE_RESPONSE");
  json.EndList();
  json.Number("budget_percent", retries.budget_percent);
  json.Number("min_per_second", retries.min_per_second);
  json.EndObject();
}

void WriteStickyCookie(const StickyCookie& cookie, JsonWriter& json) {
  json.BeginObject("sticky_cookie");
  json.Text("name", cookie.name);
  json.Text("path", cookie.path);
  json.Text("ttl", FormatDuration(cookie.ttl));
  json.Text("same_site", Name(cookie.same_site));
  json.Flag("secure", cookie.secure);
  json.Flag("http_only", cookie.http_only);
  json.Text("key_file", cookie.key_file);
  json.EndObject();
}

}  // namespace

void WriteResilience(const Resilience& resilience, JsonWriter& json) {
  if (resilience.health_check) WriteHealthCheck(*resilience.health_check, json);
  if (resilience.outlier) WriteOutlier(*resilience.outlier, json);
  WriteLimits(resilience.limits, json);
  WriteRetries(resilience.retries, json);
  json.BeginList("source_addresses");
  for (const base::IpAddress& source : resilience.source_addresses) json.Text(source.ToString());
  json.EndList();
  if (resilience.sticky_cookie) WriteStickyCookie(*resilience.sticky_cookie, json);
  WriteClusterDrain(resilience, json);
}

}  // namespace fairlead::config
