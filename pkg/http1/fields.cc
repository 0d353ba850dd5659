#include "pkg/http1/fields.h"

#include <algorithm>
#include <utility>

#include "pkg/http1/ascii.h"
#include "pkg/http1/tokens.h"

namespace fairlead::http1 {

void Fields::Set(std::string_view name, std::string_view value) {
  const auto first = std::find_if(lines_.begin(), lines_.end(),
                                  [name](const Field& line) { return EqualsIgnoreCase(line.name, name); });
  if (first == lines_.end()) {
    Add(name, value);
    return;
  }
  *first = {name, value};
  const auto same = [name](const Field& line) { return EqualsIgnoreCase(line.name, name); };
  lines_.erase(std::remove_if(first + 1, lines_.end(), same), lines_.end());
}

size_t Fields::Remove(std::string_view name) {
  return std::erase_if(lines_, [name](const Field& line) { return EqualsIgnoreCase(line.name, name); });
}

std::optional<std::string_view> Fields::Get(std::string_view name) const {
  for (const Field& line : lines_) {
    if (EqualsIgnoreCase(line.name, name)) return line.value;
  }
  return std::nullopt;
}

size_t Fields::Count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(
      lines_.begin(), lines_.end(), [name](const Field& line) { return EqualsIgnoreCase(line.name, name); }));
}

bool Fields::HasToken(std::string_view name, std::string_view token) const {
  for (const Field& line : lines_) {
    if (!EqualsIgnoreCase(line.name, name)) continue;
    for (std::string_view listed : Tokens(line.value)) {
      if (EqualsIgnoreCase(listed, token)) return true;
    }
  }
  return false;
}

std::string_view Fields::Keep(std::string text) {
  kept_.push_front(std::move(text));
  return kept_.front();
}

void Fields::Clear() {
  lines_.clear();
  kept_.clear();
}

}  // namespace fairlead::http1
