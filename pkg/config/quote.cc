#include "pkg/config/quote.h"

#include <fmt/format.h>

#include <algorithm>

namespace fairlead::config {
namespace {

// How long the UTF-8 sequence is that the text begins with (RFC 3629 §4), of those that may be shown; 0 =
// none.
size_t Shown(std::string_view text) {
  const auto byte = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x20 || first == 0x7f) return 0;
  if (first < 0x80) return 1;
  if (first == 0xc2) return follows(1, 0xa0) ? 2 : 0;  // what is below are control characters, too
  if (first > 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string Printable(std::string_view text, size_t max_bytes) {
  std::string printable;
  for (size_t taken = 0; !text.empty();) {
    const size_t size = Shown(text);
    taken += std::max<size_t>(size, 1);
    if (taken > max_bytes) return printable + "…";
    if (size == 0) {
      printable += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    } else {
      printable += text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  return printable;
}

std::string Quote(std::string_view text) {
  return fmt::format("\"{}\"", Printable(text));
}

}  // namespace fairlead::config
