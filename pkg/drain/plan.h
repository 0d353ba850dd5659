#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/config/config.h"
#include "pkg/drain/drain.h"
#include "pkg/tunnel/close_order.h"
#include "pkg/tunnel/listing.h"

namespace fairlead::drain {

// Why tunnels are let go.
enum class Cause : uint8_t {
  kShutdown,   // of the process
  kEndpoint,   // theirs leaves
  kRoute,      // theirs was removed
  kMisplaced,  // their keys belong to other endpoints now
  kRebalance,  // their endpoint holds more than its part
  kRequested,  // by an operator
};

// "shutdown", "endpoint", …
std::string_view ToString(Cause cause);

// A drain that is to begin: whom it is about, and how they are let go.
struct Plan {
  using Choose = absl::AnyInvocable<void(std::vector<Member>&)>;
  using Begun = absl::AnyInvocable<void(uint64_t id, size_t members)>;

  Cause cause = Cause::kRequested;
  // What it is about, by name; for people.
  std::string cluster{};
  std::string endpoint{};
  std::string route{};

  tunnel::Selector who{};
  Choose choose{};  // takes out those who fit and are not meant; null = all are
  Pace pace{};
  tunnel::CloseOrder order{};

  bool dry_run = false;  // nobody is told: only `begun` is
  Begun begun{};         // gets the drain's id and how many it is about; id 0 where none begins. May be null
};

// As a cluster's settings say.
Pace PaceOf(const config::ClusterDrain& settings);
Order OrderOf(config::DrainOrder order);

}  // namespace fairlead::drain
