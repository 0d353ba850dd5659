#pragma once

#include <string_view>

namespace fairlead::telemetry {

// The process's own log: lines for people, on stderr, escaped and of 16 KiB at most. Thread-safe; may block
// on stderr, so nothing that happens once a connection belongs here, unless base::OncePerSecond holds it
// back.

// Call once, first thing in main; before it, lines go where spdlog's default logger sends them.
void StartLog();

void LogInfo(std::string_view line);
void LogWarning(std::string_view line);
void LogError(std::string_view line);

}  // namespace fairlead::telemetry
