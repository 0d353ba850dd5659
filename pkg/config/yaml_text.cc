#include "pkg/config/yaml_text.h"

#include <algorithm>
#include <cstddef>

namespace fairlead::config {
namespace {

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The length of the well-formed UTF-8 sequence (RFC 3629 §4) that the text begins with, 0 when there is none.
size_t SequenceSize(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  if (!std::all_of(text.begin() + 1, text.begin() + size, IsContinuation)) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second > 0x9f;
  const bool too_large = lead == 0xf4 && second > 0x8f;
  return overlong || surrogate || too_large ? 0 : size;
}

bool IsControl(char c) {
  return (c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

}  // namespace

bool IsYamlText(std::string_view text, Violation* violation) {
  violation->line = 1;
  for (size_t at = 0; at < text.size();) {
    if (IsControl(text[at])) {
      violation->problem = "the file has a control character";
      violation->remedy = "write it as an escape in double quotes, if it is meant";
      return false;
    }
    const size_t size = SequenceSize(text.substr(at));
    if (size == 0) {
      violation->problem = "the file is not UTF-8";
      violation->remedy = "save it as UTF-8";
      return false;
    }
    if (text[at] == '\n') ++violation->line;
    at += size;
  }
  return true;
}

}  // namespace fairlead::config
