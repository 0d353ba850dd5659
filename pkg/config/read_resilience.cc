#include "pkg/config/read_resilience.h"

#include <algorithm>
#include <optional>
#include <string>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_drain.h"
#include "pkg/config/same_site.h"
#include "pkg/http1/tokens.h"

namespace fairlead::config {
namespace {

constexpr DurationRange kCheckInterval = {base::Duration(100), std::chrono::hours(1)};
constexpr DurationRange kCheckTimeout = {base::Duration(100), std::chrono::minutes(1)};
constexpr DurationRange kEjection = {base::Duration(100), std::chrono::hours(24)};
constexpr DurationRange kCookieTtl = {base::Duration(0), std::chrono::hours(8760)};
constexpr NumberRange kThreshold = {1, 100};
constexpr NumberRange kJitter = {0, 90};
constexpr NumberRange kStatus = {200, 599};
constexpr NumberRange kPercent = {0, 100};
constexpr NumberRange kFailures = {1, 1000};
constexpr NumberRange kAttempts = {1, 10};
constexpr NumberRange kMinPerSecond = {0, 10000};
constexpr int kMaxStatuses = 64;
constexpr int kMaxSources = 64;
constexpr size_t kMaxCookieName = 64;
constexpr size_t kMaxFileName = 4095;

// The members of one message, each with its place.
class Reader {
 public:
  Reader(const Path& path, Report& report) : path_(path), report_(report) {}

  void Read(bool given, const google::protobuf::Duration& duration, std::string_view name,
            DurationRange range, base::Duration* value) const {
    if (given) *value = ReadDuration(duration, range, path_.Field(name), report_);
  }
  void Read(bool given, uint32_t number, std::string_view name, NumberRange range, uint32_t* value) const {
    if (given) *value = ReadNumber(number, range, path_.Field(name), report_);
  }

 private:
  const Path& path_;
  Report& report_;
};

void ReadPathAndHost(const std::string& given_path, const std::string& given_host, const Path& path,
                     Report& report, std::string* check_path, std::string* check_host) {
  if (!given_path.empty()) {
    CheckPathAndQuery(given_path, path.Field("path"), report);
    *check_path = given_path;
  }
  if (!given_host.empty()) CheckHost(given_host, path.Field("host"), report);
  *check_host = given_host;
}

HttpCheck ReadHttpCheck(const v1::HttpCheck& message, const Path& path, Report& report) {
  HttpCheck check;
  ReadPathAndHost(message.path(), message.host(), path, report, &check.path, &check.host);
  const Path statuses = path.Field("expected_statuses");
  if (message.expected_statuses_size() > kMaxStatuses) {
    report.Add(statuses, "has too many elements", "give at most 64");
    return check;
  }
  for (int i = 0; i < message.expected_statuses_size(); ++i) {
    check.expected_statuses.push_back(
        ReadNumber(message.expected_statuses(i), kStatus, statuses.Index(i), report));
  }
  return check;
}

WebSocketCheck ReadWebSocketCheck(const v1::WebSocketCheck& message, const Path& path, Report& report) {
  WebSocketCheck check;
  ReadPathAndHost(message.path(), message.host(), path, report, &check.path, &check.host);
  return check;
}

HealthCheck ReadHealthCheck(const v1::HealthCheck& message, const Path& path, Report& report) {
  HealthCheck health;
  if (message.has_http()) {
    const Path http = path.Field("http");
    health.check = ReadHttpCheck(message.http(), http, report);
  } else if (message.has_websocket()) {
    const Path websocket = path.Field("websocket");
    health.check = ReadWebSocketCheck(message.websocket(), websocket, report);
  } else if (!message.has_tcp()) {
    report.Add(path, "does not say how to ask", "give tcp: {}, http: {path: /healthz} or websocket: {}");
  }
  const Reader reader(path, report);
  reader.Read(message.has_interval(), message.interval(), "interval", kCheckInterval, &health.interval);
  reader.Read(message.has_interval_jitter_percent(), message.interval_jitter_percent(),
              "interval_jitter_percent", kJitter, &health.interval_jitter_percent);
  reader.Read(message.has_unknown_interval(), message.unknown_interval(), "unknown_interval", kCheckInterval,
              &health.unknown_interval);
  reader.Read(message.has_timeout(), message.timeout(), "timeout", kCheckTimeout, &health.timeout);
  reader.Read(message.has_healthy_threshold(), message.healthy_threshold(), "healthy_threshold", kThreshold,
              &health.healthy_threshold);
  reader.Read(message.has_unhealthy_threshold(), message.unhealthy_threshold(), "unhealthy_threshold",
              kThreshold, &health.unhealthy_threshold);
  return health;
}

Outlier ReadOutlier(const v1::Outlier& message, const Path& path, Report& report) {
  Outlier outlier;
  const Reader reader(path, report);
  reader.Read(message.has_consecutive_failures(), message.consecutive_failures(), "consecutive_failures",
              kFailures, &outlier.consecutive_failures);
  reader.Read(message.has_ejection(), message.ejection(), "ejection", kEjection, &outlier.ejection);
  outlier.max_ejection = std::max(outlier.max_ejection, outlier.ejection);
  reader.Read(message.has_max_ejection(), message.max_ejection(), "max_ejection", kEjection,
              &outlier.max_ejection);
  if (outlier.max_ejection < outlier.ejection) {
    report.Add(path.Field("max_ejection"), "is shorter than ejection",
               "give at least as much, or leave it out");
  }
  reader.Read(message.has_max_ejected_percent(), message.max_ejected_percent(), "max_ejected_percent",
              kPercent, &outlier.max_ejected_percent);
  return outlier;
}

void ReadConditions(const v1::Retries& message, const Path& path, Report& report, Retries* retries) {
  if (message.retry_on_size() == 0) {
    if (report.WrittenInFile(path)) {
      report.Add(path, "is empty", "name a failure, or write attempts: 1 for no retries");
    }
    return;
  }
  retries->on_connect_failure = retries->on_refused = retries->on_before_response = false;
  for (int i = 0; i < message.retry_on_size(); ++i) {
    switch (message.retry_on(i)) {
      case v1::RETRY_CONDITION_CONNECT_FAILURE:
        retries->on_connect_failure = true;
        break;
      case v1::RETRY_CONDITION_REFUSED:
        retries->on_refused = true;
        break;
      case v1::RETRY_CONDITION_BEFORE_RESPONSE:
        retries->on_before_response = true;
        break;
      default:
        report.Add(path.Index(i), "is not known", "give CONNECT_FAILURE, REFUSED or BEFORE_RESPONSE");
    }
  }
}

Retries ReadRetries(const v1::Retries& message, const Path& path, Report& report) {
  Retries retries;
  const Reader reader(path, report);
  const Path conditions = path.Field("retry_on");
  reader.Read(message.has_attempts(), message.attempts(), "attempts", kAttempts, &retries.attempts);
  ReadConditions(message, conditions, report, &retries);
  reader.Read(message.has_budget_percent(), message.budget_percent(), "budget_percent", kPercent,
              &retries.budget_percent);
  reader.Read(message.has_min_per_second(), message.min_per_second(), "min_per_second", kMinPerSecond,
              &retries.min_per_second);
  return retries;
}

// One that nothing can be sent from.
void CheckSource(const base::IpAddress& address, const Path& path, Report& report) {
  const std::string_view bytes = address.bytes();
  const bool none = std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (none || first >= (address.is_v4() ? 0xe0 : 0xff)) {
    report.Add(path, Quote(address.ToString()) + " is no address to send from", "write one of this host's");
  }
}

std::vector<base::IpAddress> ReadSources(const v1::Cluster& message, const Path& path, Report& report) {
  std::vector<base::IpAddress> sources;
  if (message.source_addresses_size() > kMaxSources) {
    report.Add(path, "has too many elements", "give at most 64");
    return sources;
  }
  Unique unique("source address");
  for (int i = 0; i < message.source_addresses_size(); ++i) {
    const Path item = path.Index(i);
    if (const auto address = base::IpAddress::Parse(message.source_addresses(i))) {
      unique.Add(address->ToString(), item, report);
      CheckSource(*address, item, report);
      sources.push_back(*address);
    } else {
      report.Add(item, Quote(message.source_addresses(i)) + " is no address",
                 "write one of this host's, such as 10.0.0.7, without a port");
    }
  }
  return sources;
}

StickyCookie ReadStickyCookie(const v1::StickyCookie& message, const Path& path, Report& report) {
  StickyCookie cookie;
  if (!message.name().empty()) cookie.name = message.name();
  if (cookie.name.size() > kMaxCookieName || !http1::IsToken(cookie.name)) {
    report.Add(path.Field("name"), Quote(cookie.name) + " is no name of a cookie",
               "use at most 64 letters, digits, - and _");
  }
  if (!message.path().empty()) {
    CheckPath(message.path(), path.Field("path"), report);
    if (message.path().find(';') != std::string::npos) {
      report.Add(path.Field("path"), Quote(message.path()) + " has a semicolon", "percent-encode it");
    }
    cookie.path = message.path();
  }
  Reader(path, report).Read(message.has_ttl(), message.ttl(), "ttl", kCookieTtl, &cookie.ttl);
  cookie.same_site = ReadSameSite(message.same_site(), path.Field("same_site"), report);
  cookie.secure = message.secure();
  if (cookie.same_site == SameSite::kNone && !cookie.secure) {
    report.Add(path.Field("same_site"), "NONE is refused by browsers without secure", "add secure: true");
  }
  if (message.has_http_only()) cookie.http_only = message.http_only();
  cookie.key_file = message.key_file();
  if (!cookie.key_file.empty() &&
      (!cookie.key_file.starts_with('/') || cookie.key_file.size() > kMaxFileName)) {
    report.Add(path.Field("key_file"), Quote(cookie.key_file) + " is no absolute path",
               "begin it with / and use at most 4095 bytes");
  }
  return cookie;
}

}  // namespace

Resilience ReadResilience(const v1::Cluster& message, const Path& path, Report& report) {
  const Path health = path.Field("health_check"), outlier = path.Field("outlier"),
             retries = path.Field("retries"), sources = path.Field("source_addresses"),
             sticky = path.Field("sticky_cookie"), drain = path.Field("drain");
  Resilience resilience;
  if (message.has_health_check()) {
    resilience.health_check = ReadHealthCheck(message.health_check(), health, report);
  }
  if (message.has_outlier()) resilience.outlier = ReadOutlier(message.outlier(), outlier, report);
  resilience.limits = {
      .max_connections = message.limits().max_connections(),
      .max_connections_per_endpoint = message.limits().max_connections_per_endpoint(),
      .max_pending_connects_per_endpoint = message.limits().max_pending_connects_per_endpoint()};
  resilience.retries = ReadRetries(message.retries(), retries, report);
  resilience.source_addresses = ReadSources(message, sources, report);
  if (message.has_sticky_cookie()) {
    resilience.sticky_cookie = ReadStickyCookie(message.sticky_cookie(), sticky, report);
  }
  if (message.has_drain()) resilience.drain = ReadClusterDrain(message.drain(), drain, report);
  return resilience;
}

}  // namespace fairlead::config
