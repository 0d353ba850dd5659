#include "pkg/http1/tokens.h"

#include <algorithm>

#include "pkg/http1/ascii.h"

namespace fairlead::http1 {

namespace {

bool IsTokenByte(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return IsAlphanumeric(c) || kMarks.find(c) != std::string_view::npos;
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenByte);
}

void Tokens::Iterator::Advance() {
  while (!rest_.empty()) {
    const size_t comma = rest_.find(',');
    const std::string_view element = Trim(rest_.substr(0, comma));
    rest_.remove_prefix(comma == std::string_view::npos ? rest_.size() : comma + 1);
    if (!element.empty()) {
      token_ = element;
      return;
    }
  }
  token_ = {};
}

}  // namespace fairlead::http1
