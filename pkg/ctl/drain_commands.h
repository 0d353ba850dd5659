#pragma once

#include <cstdint>
#include <string>

#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// The commands about drains; they end as those of config_commands.h do.

// Those under way and the last that are over. With `watch` once a second until none is under way.
ExitCode ListDrains(const Session& session, bool watch);
ExitCode PauseDrain(const Session& session, uint64_t id);
ExitCode ResumeDrain(const Session& session, uint64_t id);
ExitCode CancelDrain(const Session& session, uint64_t id);
// `target` 0 = as the proxy has it.
ExitCode Rebalance(const Session& session, const std::string& cluster, double target, bool dry_run);

}  // namespace fairlead::ctl
