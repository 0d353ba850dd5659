#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pkg/ctl/change.h"
#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// The commands about the configuration. Each blocks until it is answered, prints the answer on standard
// output or what is wrong on standard error, and returns how it ended.

// The configuration in force, in the shape of the file: what `apply` takes.
ExitCode GetConfig(const Session& session);
// Puts what a file says in force; "-" is standard input. The file's sections about the process (node,
// telemetry, admin, access_log, workers, control) are checked and left at that.
ExitCode ApplyConfig(const Session& session, const std::string& path, const ChangeFlags& flags);
// "load_balancing.policy=MAGLEV": see cluster_settings.h.
ExitCode SetCluster(const Session& session, const std::string& cluster,
                    const std::vector<std::string>& settings, const ChangeFlags& flags);
// The newest `limit`; 0 = all.
ExitCode ListRevisions(const Session& session, int limit);
ExitCode Rollback(const Session& session, uint64_t revision, const ChangeFlags& flags);

}  // namespace fairlead::ctl
