#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "pkg/config/path.h"
#include "pkg/config/violation.h"
#include "pkg/config/yaml_document.h"

namespace fairlead::config {

// Collects what is wrong with a configuration.
class Report {
 public:
  // `source` tells lines; nullptr where the configuration did not come from a file. Must outlive this.
  explicit Report(const YamlDocument* source) : source_(source) {}

  // One message a field: what follows from something that was said already is dropped.
  void Add(const Path& path, std::string problem, std::string remedy);
  // Where the line is known better than by the path.
  void AddAt(int line, const Path& path, std::string problem, std::string remedy);

  // Drops what comes about this field: its trouble is told elsewhere.
  void Silence(const Path& path) { spoken_for_.insert(path.ToString()); }

  // Whether there is a file, and the field is missing in it. (A message cannot tell an absent list from an
  // empty one.)
  bool MissingInFile(const Path& path) const { return source_ != nullptr && !source_->Has(path); }
  // Whether there is a file, and the field is in it.
  bool WrittenInFile(const Path& path) const { return source_ != nullptr && source_->Has(path); }

  bool empty() const { return violations_.empty(); }
  // In the order of the file.
  std::vector<Violation> Take() &&;

 private:
  const YamlDocument* source_;
  std::vector<Violation> violations_;
  std::unordered_set<std::string> spoken_for_;
};

}  // namespace fairlead::config
