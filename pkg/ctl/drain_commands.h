#pragma once

#include <cstdint>

#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// The commands about the drains of endpoints; they end as those of config_commands.h do.

// Those under way and the last that are over. With `watch` once a second until none is under way.
ExitCode ListDrains(const Session& session, bool watch);
ExitCode PauseDrain(const Session& session, uint64_t id);
ExitCode ResumeDrain(const Session& session, uint64_t id);
ExitCode CancelDrain(const Session& session, uint64_t id);

}  // namespace fairlead::ctl
