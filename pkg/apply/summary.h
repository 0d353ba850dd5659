#pragma once

#include <string>

#include "pkg/apply/impact.h"

namespace fairlead::apply {

// What a change does in one line, for logs and lists: "2 changed: clusters[chat].endpoints[pod-1], …".
std::string Summarize(const Impact& impact);

}  // namespace fairlead::apply
