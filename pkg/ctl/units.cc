#include "pkg/ctl/units.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pkg/config/duration_text.h"

namespace fairlead::ctl {

std::string FormatAge(base::Duration age) {
  struct Unit {
    int64_t ms;
    std::string_view name;
  };
  static constexpr std::array<Unit, 4> kUnits{
      {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}}};
  const int64_t ms = std::max<int64_t>(age.count(), 0);
  if (ms == 0) return "0s";
  if (ms < 1000) return fmt::format("{}ms", ms);
  for (size_t i = 0; i < kUnits.size(); ++i) {
    const int64_t whole = ms / kUnits[i].ms;
    if (whole == 0) continue;
    std::string text = fmt::format("{}{}", whole, kUnits[i].name);
    if (i + 1 == kUnits.size()) return text;
    const int64_t rest = ms % kUnits[i].ms / kUnits[i + 1].ms;
    return rest == 0 ? text : fmt::format("{} {}{}", text, rest, kUnits[i + 1].name);
  }
  return "";
}

std::string FormatLatency(std::chrono::microseconds latency) {
  const double ms = static_cast<double>(latency.count()) / 1000;
  if (ms >= 1000) return FormatAge(std::chrono::duration_cast<base::Duration>(latency));
  if (ms >= 9.95) return fmt::format("{:.0f}ms", ms);
  return ms >= 0.995 ? fmt::format("{:.1f}ms", ms) : fmt::format("{:.2f}ms", ms);
}

std::string FormatCount(int64_t count) {
  std::string digits = fmt::format("{}", count);
  const size_t first = digits.front() == '-' ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string FormatCount(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", FormatCount(count), noun, count == 1 ? "" : "s");
}

std::string FormatBytes(uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  // What would be shown as 1024 of one is 1 of the next.
  for (; value >= 1023.5 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return value < 9.95 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                      : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string FormatShare(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 0.1) return "<0.1%";
  std::string text = fmt::format("{:.1f}", percent);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + "%";
}

std::optional<base::Duration> ReadDuration(std::string_view text) {
  const config::DurationResult result = config::ParseDuration(text);
  if (result.error != config::DurationError::kNone) return std::nullopt;
  return result.value;
}

std::string FormatTime(base::WallTime time) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace fairlead::ctl
