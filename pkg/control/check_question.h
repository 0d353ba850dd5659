#pragma once

#include <optional>

#include "pkg/config/violation.h"
#include "pkg/control/explain.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::control {

// What keeps the question from being a request: it would be answered with a 4xx or 5xx before it is routed.
// By the very code that reads requests, with the limits of the listener.
std::optional<config::Violation> CheckQuestion(const snapshot::Snapshot& snapshot, const Question& question);

}  // namespace fairlead::control
