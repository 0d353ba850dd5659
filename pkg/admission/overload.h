#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::admission {

// What is done about too much load, the mildest first. Nothing that is under way is cut by any of it.
enum class OverloadAction : uint8_t {
  kStopKeepAlive,   // answers end their connections, and connections between requests are closed
  kRefuseUpgrades,  // with 503
  kStopAccepting,   // newcomers wait in the kernel's queue
};
inline constexpr size_t kOverloadActionCount = 3;

// "stop_keep_alive", …
std::string_view ToString(OverloadAction action);

// A set of them.
class OverloadActions {
 public:
  constexpr OverloadActions() = default;

  constexpr bool Has(OverloadAction action) const { return (bits_ & BitOf(action)) != 0; }
  constexpr void Set(OverloadAction action, bool in_force) {
    bits_ = static_cast<uint8_t>(in_force ? bits_ | BitOf(action) : bits_ & ~BitOf(action));
  }

  constexpr OverloadActions operator|(OverloadActions other) const {
    other.bits_ |= bits_;
    return other;
  }
  bool operator==(const OverloadActions&) const = default;

 private:
  static constexpr uint8_t BitOf(OverloadAction action) {
    return uint8_t(1U << static_cast<unsigned>(action));
  }

  uint8_t bits_ = 0;
};

// Which actions the use of something limited calls for. One begins when more than 80 % of the limit are used,
// more than 90 %, and all of it; and ends at 75 %, 85 % and 95 %, so that it does not come and go with every
// connection. Any thread.
class OverloadTrigger {
 public:
  // Those that are in force at that use. To be called before it is relied on; 0 = unlimited.
  OverloadActions Update(int64_t used, int64_t limit);

  // What has begun and ended since it was last told, in words for the log: nothing = nothing has. To one
  // caller only, on whatever thread.
  std::optional<std::string> TakeNews();

 private:
  std::atomic<OverloadActions> in_force_{};
  std::atomic<OverloadActions> told_{};
};

}  // namespace fairlead::admission
