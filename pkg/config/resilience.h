#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pkg/base/address.h"
#include "pkg/base/clock.h"
#include "pkg/config/drain.h"

namespace fairlead::config {

struct TcpCheck {
  bool operator==(const TcpCheck&) const = default;
};
struct HttpCheck {
  std::string path = "/";
  std::string host;                         // empty = the endpoint's address
  std::vector<uint32_t> expected_statuses;  // empty = 200 to 299

  bool operator==(const HttpCheck&) const = default;
};
struct WebSocketCheck {
  std::string path = "/";
  std::string host;  // empty = the endpoint's address

  bool operator==(const WebSocketCheck&) const = default;
};

struct HealthCheck {
  std::variant<TcpCheck, HttpCheck, WebSocketCheck> check;
  base::Duration interval{5000};
  uint32_t interval_jitter_percent = 10;
  base::Duration unknown_interval{1000};
  base::Duration timeout{1000};
  uint32_t healthy_threshold = 2;
  uint32_t unhealthy_threshold = 3;

  bool operator==(const HealthCheck&) const = default;
};

struct Outlier {
  uint32_t consecutive_failures = 5;
  base::Duration ejection{30000};
  base::Duration max_ejection{300000};
  uint32_t max_ejected_percent = 50;

  bool operator==(const Outlier&) const = default;
};

// 0 = unlimited.
struct ClusterLimits {
  uint32_t max_connections = 0;
  uint32_t max_connections_per_endpoint = 0;
  uint32_t max_pending_connects_per_endpoint = 0;

  bool operator==(const ClusterLimits&) const = default;
};

struct Retries {
  uint32_t attempts = 2;  // in all
  bool on_connect_failure = true;
  bool on_refused = false;
  bool on_before_response = true;
  uint32_t budget_percent = 20;
  uint32_t min_per_second = 3;

  bool operator==(const Retries&) const = default;
};

enum class SameSite : uint8_t { kLax, kStrict, kNone };

struct StickyCookie {
  std::string name = "fairlead";
  std::string path = "/";
  base::Duration ttl{0};  // zero = until the client is closed
  SameSite same_site = SameSite::kLax;
  bool secure = false;
  bool http_only = true;
  std::string key_file;  // empty = a key of this process

  bool operator==(const StickyCookie&) const = default;
};

// What a cluster does about backends that fail or leave, and about too much to do.
struct Resilience {
  std::optional<HealthCheck> health_check;  // nothing = none are made
  std::optional<Outlier> outlier;           // nothing = nobody is ejected
  ClusterLimits limits;
  Retries retries;
  std::vector<base::IpAddress> source_addresses;  // empty = the kernel chooses
  std::optional<StickyCookie> sticky_cookie;
  std::optional<ClusterDrain> drain;  // nothing = tunnels stay with an endpoint that leaves
  Misplaced misplaced = Misplaced::kKeep;
  std::optional<Rebalance> rebalance;  // nothing = when somebody asks for it

  bool operator==(const Resilience&) const = default;
};

}  // namespace fairlead::config
