#pragma once

#include <string>
#include <vector>

#include "pkg/config/violation.h"

namespace fairlead::config::v1 {
class Cluster;
}

namespace fairlead::ctl {

// Takes settings such as "load_balancing.policy=MAGLEV" or "load_balancing.hash_key=[{source_ip: {}}]",
// values as in the configuration file, into a message, and the paths into a field mask. Returns what is
// wrong; whether the values make sense is for the proxy to say.
std::vector<config::Violation> TakeSettings(const std::vector<std::string>& settings,
                                            config::v1::Cluster* cluster, std::vector<std::string>* mask);

}  // namespace fairlead::ctl
