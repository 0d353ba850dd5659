#include "pkg/config/quote.h"

#include <fmt/format.h>

namespace fairlead::config {

std::string Printable(std::string_view text) {
  constexpr size_t kMaxBytes = 80;
  std::string_view head = text.substr(0, kMaxBytes);
  // Not through the middle of a UTF-8 sequence.
  while (head.size() < text.size() && (static_cast<unsigned char>(text[head.size()]) & 0xc0) == 0x80) {
    head.remove_suffix(1);
  }
  std::string printable;
  for (char c : head) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      printable.append(fmt::format("\\x{:02x}", byte));
    } else {
      printable.push_back(c);
    }
  }
  if (head.size() < text.size()) printable.append("…");
  return printable;
}

std::string Quote(std::string_view text) {
  return fmt::format("\"{}\"", Printable(text));
}

}  // namespace fairlead::config
