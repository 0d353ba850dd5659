#pragma once

#include <string>

#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// A control plane that pushes a file to every sidecar that subscribes and on every change of it, until SIGINT
// or SIGTERM. Prints what happens, a line each. A file that is not valid is not pushed: what is wrong with it
// is printed, and the last good one stays. At the start it must be valid.
ExitCode Serve(const Session& session, const std::string& file, const std::string& listen);

}  // namespace fairlead::ctl
