#include "pkg/config/report.h"

#include <algorithm>
#include <utility>

namespace fairlead::config {

void Report::Add(const Path& path, std::string problem, std::string remedy) {
  AddAt(source_ == nullptr ? 0 : source_->LineOf(path), path, std::move(problem), std::move(remedy));
}

void Report::AddAt(int line, const Path& path, std::string problem, std::string remedy) {
  std::string text = path.ToString();
  if (!spoken_for_.insert(text).second) return;
  violations_.push_back({std::move(text), line, std::move(problem), std::move(remedy)});
}

std::vector<Violation> Report::Take() && {
  std::stable_sort(violations_.begin(), violations_.end(),
                   [](const Violation& a, const Violation& b) { return a.line < b.line; });
  return std::move(violations_);
}

}  // namespace fairlead::config
