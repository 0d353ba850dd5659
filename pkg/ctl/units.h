#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/base/clock.h"

namespace fairlead::ctl {

// Figures as people read them.

// The two largest units: "350ms", "12s", "3m 5s", "2h 10m", "4d 3h". Less than zero counts as zero.
std::string FormatAge(base::Duration age);
// Of something short, in milliseconds: "0.25ms", "3.1ms", "120ms"; from a second on as an age.
std::string FormatLatency(std::chrono::microseconds latency);
// "12,345".
std::string FormatCount(int64_t count);
// "1 tunnel", "12,345 tunnels".
std::string FormatCount(int64_t count, std::string_view noun);
// "512 B", "1.5 KiB", "20 MiB".
std::string FormatBytes(uint64_t bytes);
// Of a share from 0 to 1: "0%", "<0.1%", "12.5%", "100%".
std::string FormatShare(double share);
// "10m", "1h30m": a duration as the configuration file has it; nothing when the text is none.
std::optional<base::Duration> ReadDuration(std::string_view text);
// In the time zone of the process: "2026-03-01 12:34:56".
std::string FormatTime(base::WallTime time);

}  // namespace fairlead::ctl
