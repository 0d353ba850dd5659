#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "pkg/ctl/session.h"

// The subcommands of fairleadctl. Each that is chosen leaves in `command` what is to be done once all flags
// are read; `session` and `command` outlive the parsing.
using Command = std::function<int()>;

void AddConfigCommands(CLI::App& app, const fairlead::ctl::Session& session, Command& command);
void AddEndpointCommands(CLI::App& app, const fairlead::ctl::Session& session, Command& command);
void AddTunnelCommands(CLI::App& app, const fairlead::ctl::Session& session, Command& command);
