#include "pkg/config/read_timeouts.h"

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"

namespace fairlead::config {
namespace {

constexpr DurationRange kConnect = {base::Duration(1), std::chrono::minutes(10)};
constexpr DurationRange kUpToAYear = {base::Duration(0), std::chrono::hours(8760)};
constexpr NumberRange kPercent = {0, 100};

}  // namespace

Timeouts ReadTimeouts(const v1::Timeouts& message, const Path& path, Report& report) {
  Timeouts timeouts;
  const auto read = [&](bool given, const google::protobuf::Duration& duration, std::string_view name,
                        base::Duration* value, DurationRange range = kUpToAYear) {
    if (given) *value = ReadDuration(duration, range, path.Field(name), report);
  };
  read(message.has_connect(), message.connect(), "connect", &timeouts.connect, kConnect);
  read(message.has_response(), message.response(), "response", &timeouts.response);
  if (message.has_idle()) {
    timeouts.idle = ReadDuration(message.idle(), kUpToAYear, path.Field("idle"), report);
  }
  read(message.has_write(), message.write(), "write", &timeouts.write);
  read(message.has_half_closed(), message.half_closed(), "half_closed", &timeouts.half_closed);
  read(message.has_keep_alive(), message.keep_alive(), "keep_alive", &timeouts.keep_alive);
  read(message.has_max_lifetime(), message.max_lifetime(), "max_lifetime", &timeouts.max_lifetime);
  if (message.has_max_lifetime_jitter_percent()) {
    const uint32_t percent = message.max_lifetime_jitter_percent();
    timeouts.max_lifetime_jitter_percent =
        static_cast<int>(ReadNumber(percent, kPercent, path.Field("max_lifetime_jitter_percent"), report));
  }
  return timeouts;
}

}  // namespace fairlead::config
