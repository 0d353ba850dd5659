#pragma once

#include <cctype>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::telemetry {

// For this room's tests: a strict reader of one flat JSON object. Strings come decoded where the escape is
// one that JsonLine writes (code points up to U+00FF, as UTF-8), numbers as their text.
class FlatJson {
 public:
  using Members = std::map<std::string, std::string>;

  // Nothing when `text` is no such object, has a member twice, or anything behind it.
  static std::optional<Members> Parse(std::string_view text) {
    FlatJson reader(text);
    Members members;
    if (!reader.Take('{')) return std::nullopt;
    while (true) {
      const auto key = reader.String();
      if (!key || !reader.Take(':')) return std::nullopt;
      const auto value = reader.rest_.substr(0, 1) == "\"" ? reader.String() : reader.Number();
      if (!value || !members.emplace(*key, *value).second) return std::nullopt;
      if (reader.Take('}')) break;
      if (!reader.Take(',')) return std::nullopt;
    }
    if (!reader.rest_.empty()) return std::nullopt;
    return members;
  }

 private:
  explicit FlatJson(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<std::string> Number() {
    size_t end = 0;
    while (end < rest_.size() &&
           (std::isdigit(static_cast<unsigned char>(rest_[end])) != 0 || rest_[end] == '.'))
      ++end;
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end);
    const bool leading_zero = text.size() > 1 && text[0] == '0' && text[1] != '.';
    if (text.empty() || leading_zero || text.front() == '.' || text.back() == '.') return std::nullopt;
    return text;
  }

  std::optional<std::string> String() {
    if (!Take('"')) return std::nullopt;
    std::string text;
    while (!Take('"')) {
      if (rest_.empty() || static_cast<unsigned char>(rest_.front()) < 0x20) return std::nullopt;
      if (!Take('\\')) {
        text += rest_.front();
        rest_.remove_prefix(1);
      } else if (!Escape(&text)) {
        return std::nullopt;
      }
    }
    return text;
  }

  bool Escape(std::string* text) {
    if (rest_.empty()) return false;
    const char kind = rest_.front();
    rest_.remove_prefix(1);
    if (kind == '"' || kind == '\\') {
      *text += kind;
      return true;
    }
    if (kind != 'u' || rest_.size() < 4) return false;
    const unsigned code = static_cast<unsigned>(std::stoul(std::string(rest_.substr(0, 4)), nullptr, 16));
    rest_.remove_prefix(4);
    if (code > 0xff) return false;
    if (code >= 0x80) *text += static_cast<char>(0xc0 | (code >> 6));
    *text += static_cast<char>(code >= 0x80 ? 0x80 | (code & 0x3f) : code);
    return true;
  }

  std::string_view rest_;
};

}  // namespace fairlead::telemetry
