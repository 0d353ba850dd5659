#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"

namespace fairlead::control {

// Whether a peer whose certificate has these names may do what the role is for. Every role may read; a config
// writer may all that an endpoint writer may.
bool Allows(const std::vector<config::ControlGrant>& grants, const std::vector<std::string>& identities,
            config::ControlRole wanted);

}  // namespace fairlead::control
