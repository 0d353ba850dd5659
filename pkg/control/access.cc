#include "pkg/control/access.h"

#include <algorithm>

namespace fairlead::control {
namespace {

using config::ControlRole;

bool Includes(ControlRole held, ControlRole wanted) {
  return held == wanted || wanted == ControlRole::kReader ||
         (held == ControlRole::kConfigWriter && wanted == ControlRole::kEndpointWriter);
}

}  // namespace

bool Allows(const std::vector<config::ControlGrant>& grants, const std::vector<std::string>& identities,
            ControlRole wanted) {
  return std::any_of(grants.begin(), grants.end(), [&](const config::ControlGrant& grant) {
    return std::find(identities.begin(), identities.end(), grant.peer) != identities.end() &&
           std::any_of(grant.roles.begin(), grant.roles.end(),
                       [&](ControlRole held) { return Includes(held, wanted); });
  });
}

}  // namespace fairlead::control
