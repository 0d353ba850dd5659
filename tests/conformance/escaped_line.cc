#include "tests/conformance/escaped_line.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace fairlead::testing {
namespace {

// Takes the two digits of `\xHH` from the front.
std::optional<char> TakeHex(std::string_view* rest) {
  uint8_t byte = 0;
  const auto [end, error] =
      std::from_chars(rest->data(), rest->data() + std::min<size_t>(rest->size(), 2), byte, 16);
  if (error != std::errc() || end != rest->data() + 2) return std::nullopt;
  rest->remove_prefix(2);
  return static_cast<char>(byte);
}

// Takes `N text}` of `\{N text}` from the front.
std::optional<std::string> TakeRepetition(std::string_view* rest) {
  constexpr size_t kMost = 1 << 20;
  size_t count = 0;
  const auto [end, error] = std::from_chars(rest->data(), rest->data() + rest->size(), count);
  rest->remove_prefix(static_cast<size_t>(end - rest->data()));
  const size_t close = rest->find('}');
  if (error != std::errc() || !rest->starts_with(' ') || close == std::string_view::npos) return std::nullopt;
  const std::string_view text = rest->substr(1, close - 1);
  if (text.empty() || count * text.size() > kMost) return std::nullopt;
  rest->remove_prefix(close + 1);
  std::string all;
  while (count-- > 0) all.append(text);
  return all;
}

std::optional<char> Named(char letter) {
  switch (letter) {
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 's':
      return ' ';
    case '0':
      return '\0';
    case '\\':
      return '\\';
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> Unescape(std::string_view line, std::string_view value, bool* used,
                                    std::string* error) {
  std::string out;
  while (!line.empty()) {
    const size_t plain = std::min(line.find('\\'), line.size());
    out.append(line.substr(0, plain));
    line.remove_prefix(plain);
    if (line.size() < 2) break;
    const char letter = line[1];
    line.remove_prefix(2);
    if (letter == '@') {
      out.append(value);
      *used = true;
    } else if (letter == 'x' || letter == '{') {
      const std::optional<char> byte = letter == 'x' ? TakeHex(&line) : std::nullopt;
      const std::optional<std::string> text = letter == '{' ? TakeRepetition(&line) : std::nullopt;
      if (!byte && !text) {
        *error = "an escape is \\xHH or \\{N text}";
        return std::nullopt;
      }
      out += byte ? std::string(1, *byte) : *text;
    } else if (const std::optional<char> byte = Named(letter)) {
      out.push_back(*byte);
    } else {
      *error = std::string("no such escape: \\") + letter;
      return std::nullopt;
    }
  }
  if (line == "\\") return out;  // goes on in the next line
  return out + "\r\n";
}

}  // namespace fairlead::testing
