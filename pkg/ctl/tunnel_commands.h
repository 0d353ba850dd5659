#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pkg/base/clock.h"
#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// The commands about tunnels and about where requests go; they end as those of config_commands.h do.

// Which tunnels: all that is set must fit.
struct TunnelFilter {
  std::vector<std::string> ids;
  std::string listener;
  std::string route;
  std::string cluster;
  std::string endpoint;
  std::string client;  // an IP address
  std::string key;     // as Explain shows it
  base::Duration min_age{0};
  base::Duration min_idle{0};
  std::string placement;  // "home", "away" or "misplaced"

  bool operator==(const TunnelFilter&) const = default;
};

enum class TunnelOrder : uint8_t { kId, kAge, kIdle, kBytes, kMessages, kPingRtt };

// How tunnels are closed.
struct TunnelClosing {
  double rate = 0;     // a second; 0 = at once
  uint32_t code = 0;   // that WebSockets are told; 0 = the proxy's own choice
  std::string reason;  // likewise, in words
};

// A request that nobody has sent.
struct Question {
  std::string listener;  // empty = the first
  std::string method = "GET";
  std::string host;
  std::string path = "/";
  std::map<std::string, std::string> headers;
  std::string client_ip;
  // Or only a key, and the cluster that places it.
  std::string key;
  std::string cluster;
};

// At most `limit`; 0 = all.
ExitCode ListTunnels(const Session& session, const TunnelFilter& filter, TunnelOrder order, int limit);
ExitCode CloseTunnels(const Session& session, const TunnelFilter& filter, const TunnelClosing& closing);
// Where the request would go, and why.
ExitCode Explain(const Session& session, const Question& question);

}  // namespace fairlead::ctl
