#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "pkg/config/config.h"

namespace fairlead::ctl {

// An endpoint as an argument: "ADDRESS[,id=…][,hash_id=…][,weight=…][,state=DRAINING]". An error says what is
// wrong and what would be right.
absl::StatusOr<config::Endpoint> ParseEndpoint(std::string_view text);

}  // namespace fairlead::ctl
