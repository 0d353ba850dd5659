#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/ctl/change.h"
#include "pkg/ctl/session.h"

namespace fairlead::ctl {

// The commands about the endpoints of a cluster; they end as those of config_commands.h do.

// Those of one cluster, or of all where its name is empty.
ExitCode ListEndpoints(const Session& session, const std::string& cluster);
// Replaces all endpoints.
ExitCode SetEndpoints(const Session& session, const std::string& cluster,
                      const std::vector<config::Endpoint>& endpoints, const ChangeFlags& flags);
// Adds endpoints, or replaces those of the same label: the id, or the address where there is none.
ExitCode AddEndpoints(const Session& session, const std::string& cluster,
                      const std::vector<config::Endpoint>& endpoints, const ChangeFlags& flags);
// By label; one that is not there is no error.
ExitCode RemoveEndpoints(const Session& session, const std::string& cluster,
                         const std::vector<std::string>& labels, const ChangeFlags& flags);
// Sets the state of endpoints, by label, and leaves them as they are otherwise. Refused when the cluster's
// endpoints change in between.
ExitCode SetEndpointState(const Session& session, const std::string& cluster,
                          const std::vector<std::string>& labels, config::EndpointState state,
                          const ChangeFlags& flags);

}  // namespace fairlead::ctl
