#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "pkg/ctl/session.h"

// The subcommands of fairleadctl. Each that is chosen leaves in `command` what is to be done once all flags
// are read; `session` and `command` outlive the parsing.
using Command = std::function<int()>;

// A number that is not negative. CLI11's own names the largest in 309 digits, and has no objection to -1 for
// a number without a sign.
inline CLI::Validator NotNegative() {
  return {[](const std::string& text) {
            return text.starts_with('-') ? "\"" + text + "\" is negative" : std::string();
          },
          ""};
}

void AddConfigCommands(CLI::App& app, const fairlead::ctl::Session& session, Command& command);
void AddEndpointCommands(CLI::App& app, const fairlead::ctl::Session& session, Command& command);
void AddTunnelCommands(CLI::App& app, const fairlead::ctl::Session& session, Command& command);
