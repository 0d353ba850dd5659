#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "pkg/base/clock.h"
#include "pkg/endpoint/endpoint.h"
#include "pkg/endpoint/placed_key.h"
#include "pkg/tunnel/conversation.h"

namespace fairlead::tunnel {

// Some of the open tunnels: every field that is set must fit. Names are those of the configuration that a
// tunnel opened with.
struct Selector {
  absl::flat_hash_set<uint64_t> ids{};  // one of them
  std::string listener{};
  std::string route{};
  std::string cluster{};
  std::string endpoint{};                  // its id or its address
  std::string client{};                    // an IP address
  std::optional<uint64_t> key{};           // that its cluster places it by
  const endpoint::Endpoint* at = nullptr;  // this very one: labels are given again
  // Judged by who knows the configuration in force, and not by the worker that holds the tunnel.
  std::optional<endpoint::Placement> placement{};
  base::Duration min_age{0};
  base::Duration min_idle{0};

  bool operator==(const Selector&) const = default;
};

// An open tunnel, for whoever decides what is to become of it.
struct Brief {
  uint64_t id = 0;                         // of the access log
  uint32_t worker = 0;                     // who holds it
  base::MonotonicTime began;               // when its request did
  const endpoint::Endpoint* at = nullptr;  // to compare with, and no more: it may be gone
  std::optional<endpoint::PlacedKey> key{};

  bool operator==(const Brief&) const = default;
};

// An open tunnel, for people.
struct Row {
  uint64_t id = 0;  // of the access log
  std::string listener;
  std::string route;
  std::string cluster;
  std::string endpoint;  // its label
  std::string client;
  base::WallTime opened_at;  // when its request began
  base::Duration idle{0};    // how long no byte has come from either side
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  std::optional<endpoint::PlacedKey> key;
  const endpoint::Endpoint* at = nullptr;  // to compare with, and no more: it may be gone
  endpoint::Placement placement = endpoint::Placement::kUnknown;  // filled in off the workers
  std::optional<Conversation> conversation;                       // of a WebSocket

  bool operator==(const Row&) const = default;
};

}  // namespace fairlead::tunnel
