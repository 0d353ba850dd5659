#pragma once

#include "pkg/apply/change.h"
#include "pkg/config/checked.h"
#include "pkg/config/config.h"

namespace fairlead::control::v1 {
class SyncConfigResponse;
}

namespace fairlead::control {

// Inside this room only: what a control plane sent, as a change; or everything that is wrong with it.
config::Checked<apply::Change> ToChange(const v1::SyncConfigResponse& update,
                                        const config::Bootstrap& bootstrap);

}  // namespace fairlead::control
