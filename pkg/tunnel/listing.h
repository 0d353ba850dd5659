#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "pkg/base/clock.h"

namespace fairlead::tunnel {

// Some of the open tunnels: every field that is set must fit. Names are those of the configuration that a
// tunnel opened with.
struct Selector {
  absl::flat_hash_set<uint64_t> ids;  // one of them
  std::string listener;
  std::string route;
  std::string cluster;
  std::string endpoint;  // its id or its address

  bool operator==(const Selector&) const = default;
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

  bool operator==(const Row&) const = default;
};

}  // namespace fairlead::tunnel
