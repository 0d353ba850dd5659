#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/config/load.h"

namespace fairlead::config {

// For tests: what LoadYaml says against a text, each violation in one line.
inline std::vector<std::string> ViolationsOf(std::string_view yaml) {
  std::vector<std::string> lines;
  for (const Violation& violation : LoadYaml(yaml).violations) lines.push_back(violation.ToString());
  return lines;
}

// A text and what is wrong with it: "" = nothing.
struct ViolationCase {
  std::string yaml;
  std::string violation;
};

}  // namespace fairlead::config
