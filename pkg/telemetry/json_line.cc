#include "pkg/telemetry/json_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace fairlead::telemetry {
namespace {

constexpr std::string_view kMark = "…";

bool IsContinuation(char c) {
  return (static_cast<uint8_t>(c) & 0xc0) == 0x80;
}

// The length of the UTF-8 sequence (RFC 3629 §4) that `text` begins with, or 0 when it begins with none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const uint8_t second = byte(1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_big = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_big ? 0 : length;
}

bool IsPlain(char c) {
  const uint8_t byte = static_cast<uint8_t>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

}  // namespace

Clipped Clip(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return {text, {}};
  const std::string_view mark = max_bytes >= kMark.size() ? kMark : std::string_view();
  size_t end = max_bytes - mark.size();
  // At most three steps back; in what is no UTF-8 any place is as good.
  for (int step = 0; step < 3 && end > 0 && IsContinuation(text[end]); ++step) --end;
  return {text.substr(0, end), mark};
}

JsonLine::JsonLine(size_t expected_bytes) {
  text_.reserve(expected_bytes);
  text_ += '{';
}

void JsonLine::Text(std::string_view key, std::string_view value) {
  Text(key, Clipped{value, {}});
}

void JsonLine::Text(std::string_view key, const Clipped& value) {
  Key(key);
  text_ += '"';
  AppendEscaped(value.kept);
  text_ += value.mark;
  text_ += '"';
}

void JsonLine::Number(std::string_view key, uint64_t value) {
  Key(key);
  Append(value, 1);
}

void JsonLine::Hex(std::string_view key, uint64_t value) {
  Key(key);
  std::array<char, 16> digits;
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), value, 16);
  const size_t length = static_cast<size_t>(end - digits.begin());
  text_ += '"';
  text_.append(digits.size() - length, '0');
  text_.append(digits.data(), length);
  text_ += '"';
}

void JsonLine::Milliseconds(std::string_view key, std::chrono::microseconds value) {
  Key(key);
  const uint64_t microseconds = static_cast<uint64_t>(std::max<int64_t>(value.count(), 0));
  Append(microseconds / 1000, 1);
  text_ += '.';
  Append(microseconds % 1000, 3);
}

void JsonLine::Time(std::string_view key, base::WallTime value) {
  Key(key);
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(value);
  const auto days = std::chrono::floor<std::chrono::days>(milliseconds);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss time(milliseconds - days);
  text_ += '"';
  Append(static_cast<uint64_t>(static_cast<int>(date.year())), 4);
  text_ += '-';
  Append(static_cast<unsigned>(date.month()), 2);
  text_ += '-';
  Append(static_cast<unsigned>(date.day()), 2);
  text_ += 'T';
  Append(static_cast<uint64_t>(time.hours().count()), 2);
  text_ += ':';
  Append(static_cast<uint64_t>(time.minutes().count()), 2);
  text_ += ':';
  Append(static_cast<uint64_t>(time.seconds().count()), 2);
  text_ += '.';
  Append(static_cast<uint64_t>(time.subseconds().count()), 3);
  text_ += "Z\"";
}

std::string JsonLine::Finish() {
  text_ += '}';
  return std::move(text_);
}

void JsonLine::Key(std::string_view key) {
  if (text_.size() > 1) text_ += ',';
  text_ += '"';
  text_ += key;
  text_ += "\":";
}

void JsonLine::Append(uint64_t value, int width) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), value);
  const auto length = end - digits.begin();
  if (length < width) text_.append(static_cast<size_t>(width - length), '0');
  text_.append(digits.data(), static_cast<size_t>(length));
}

void JsonLine::AppendEscaped(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  while (!value.empty()) {
    const size_t plain =
        static_cast<size_t>(std::find_if_not(value.begin(), value.end(), IsPlain) - value.begin());
    text_ += value.substr(0, plain);
    value.remove_prefix(plain);
    if (value.empty()) return;
    const size_t sequence = Utf8Length(value);
    const char first = value.front();
    if (first == '"' || first == '\\') {
      text_ += '\\';
      text_ += first;
    } else if (sequence > 1) {
      text_ += value.substr(0, sequence);
    } else {
      const uint8_t byte = static_cast<uint8_t>(first);
      text_ += "\\u00";
      text_ += kDigits[byte >> 4];
      text_ += kDigits[byte & 0xf];
    }
    value.remove_prefix(std::max<size_t>(sequence, 1));
  }
}

}  // namespace fairlead::telemetry
