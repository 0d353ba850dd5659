#pragma once

#include <string>

namespace fairlead::config {

// One thing that is wrong with a configuration.
struct Violation {
  std::string path;     // of the field: "clusters[2].endpoints[0].address"; empty = the file as a whole
  int line = 0;         // in the file, from 1; 0 = unknown
  std::string problem;  // what is wrong
  std::string remedy;   // what would be right

  // One line: "path: what is wrong, what would be right (line 7)".
  std::string ToString() const;

  bool operator==(const Violation&) const = default;
};

}  // namespace fairlead::config
