#include "pkg/config/path.h"

#include <fmt/format.h>

#include "pkg/config/quote.h"

namespace fairlead::config {

std::string Path::ToString() const {
  if (parent_ == nullptr) return "";
  std::string text = parent_->ToString();
  if (index_ != kNoIndex) return fmt::format("{}[{}]", text, index_);
  if (!text.empty()) text.push_back('.');
  // A key may be anything that stands in the file.
  return text + Printable(name_);
}

}  // namespace fairlead::config
