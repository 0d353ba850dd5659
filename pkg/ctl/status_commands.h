#pragma once

#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// The commands about the process; they end as those of config_commands.h do.

// How the proxy is. With `watch` also whenever that changes, until the proxy goes or a signal ends this: on a
// terminal the picture is drawn anew, elsewhere each change is a line.
ExitCode ShowStatus(const Session& session, bool watch);
// Has the process drain as SIGTERM does, but not end. With `wait` returns when nothing is open any more or
// the process has gone; `drain.window` of the configuration bounds that.
ExitCode StartDrain(const Session& session, bool wait);

}  // namespace fairlead::ctl
