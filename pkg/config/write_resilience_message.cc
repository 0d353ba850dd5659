#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/same_site.h"
#include "pkg/config/write_cluster_message.h"
#include "pkg/config/write_drain.h"
#include "pkg/config/write_resilience.h"

namespace fairlead::config {
namespace {

void WriteCheck(const TcpCheck&, v1::HealthCheck* message) {
  message->mutable_tcp();
}

void WriteCheck(const HttpCheck& check, v1::HealthCheck* message) {
  message->mutable_http()->set_path(check.path);
  message->mutable_http()->set_host(check.host);
  for (const uint32_t status : check.expected_statuses)
    message->mutable_http()->add_expected_statuses(status);
}

void WriteCheck(const WebSocketCheck& check, v1::HealthCheck* message) {
  message->mutable_websocket()->set_path(check.path);
  message->mutable_websocket()->set_host(check.host);
}

void WriteHealthCheck(const HealthCheck& health, v1::HealthCheck* message) {
  std::visit([&](const auto& check) { WriteCheck(check, message); }, health.check);
  WriteDurationMessage(health.interval, message->mutable_interval());
  message->set_interval_jitter_percent(health.interval_jitter_percent);
  WriteDurationMessage(health.unknown_interval, message->mutable_unknown_interval());
  WriteDurationMessage(health.timeout, message->mutable_timeout());
  message->set_healthy_threshold(health.healthy_threshold);
  message->set_unhealthy_threshold(health.unhealthy_threshold);
}

void WriteOutlier(const Outlier& outlier, v1::Outlier* message) {
  message->set_consecutive_failures(outlier.consecutive_failures);
  WriteDurationMessage(outlier.ejection, message->mutable_ejection());
  WriteDurationMessage(outlier.max_ejection, message->mutable_max_ejection());
  message->set_max_ejected_percent(outlier.max_ejected_percent);
}

void WriteRetries(const Retries& retries, v1::Retries* message) {
  message->set_attempts(retries.attempts);
  if (retries.on_connect_failure) message->add_retry_on(v1::RETRY_CONDITION_CONNECT_FAILURE);
  if (retries.on_refused) message->add_retry_on(v1::RETRY_CONDITION_REFUSED);
  if (retries.on_before_response) message->add_retry_on(v1::RETRY_CONDITION_BEFORE_RESPONSE);
  message->set_budget_percent(retries.budget_percent);
  message->set_min_per_second(retries.min_per_second);
}

void WriteStickyCookie(const StickyCookie& cookie, v1::StickyCookie* message) {
  message->set_name(cookie.name);
  message->set_path(cookie.path);
  WriteDurationMessage(cookie.ttl, message->mutable_ttl());
  message->set_same_site(ToMessage(cookie.same_site));
  message->set_secure(cookie.secure);
  message->set_http_only(cookie.http_only);
  message->set_key_file(cookie.key_file);
}

}  // namespace

void WriteResilienceMessage(const Resilience& resilience, v1::Cluster* message) {
  if (resilience.health_check) WriteHealthCheck(*resilience.health_check, message->mutable_health_check());
  if (resilience.outlier) WriteOutlier(*resilience.outlier, message->mutable_outlier());
  v1::ClusterLimits* limits = message->mutable_limits();
  limits->set_max_connections(resilience.limits.max_connections);
  limits->set_max_connections_per_endpoint(resilience.limits.max_connections_per_endpoint);
  limits->set_max_pending_connects_per_endpoint(resilience.limits.max_pending_connects_per_endpoint);
  WriteRetries(resilience.retries, message->mutable_retries());
  for (const base::IpAddress& source : resilience.source_addresses) {
    message->add_source_addresses(source.ToString());
  }
  if (resilience.sticky_cookie)
    WriteStickyCookie(*resilience.sticky_cookie, message->mutable_sticky_cookie());
  WriteClusterDrainMessage(resilience, message);
}

}  // namespace fairlead::config
