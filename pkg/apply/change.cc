#include "pkg/apply/change.h"

namespace fairlead::apply {

std::string Origin::ToString() const {
  std::string text = source == Source::kFile ? "file" : source == Source::kPush ? "push" : "fleet";
  if (!who.empty()) text += ":" + who;
  return text;
}

}  // namespace fairlead::apply
