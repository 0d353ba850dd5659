#include "pkg/config/duration_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace fairlead::config {
namespace {

struct Unit {
  std::string_view name;
  int64_t milliseconds;
};

constexpr std::array kUnits = {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                               Unit{"s", 1000}, Unit{"ms", 1}};
constexpr int64_t kMaxMilliseconds = int64_t{10'000} * 365 * 86'400'000;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}

std::string_view TakeWhile(std::string_view* text, bool (*wanted)(char)) {
  const auto end = std::find_if_not(text->begin(), text->end(), wanted);
  const std::string_view taken = text->substr(0, end - text->begin());
  text->remove_prefix(taken.size());
  return taken;
}

// A number with an optional fraction.
struct Number {
  std::string_view whole;
  std::string_view fraction;
};

std::optional<Number> TakeNumber(std::string_view* text) {
  Number number;
  number.whole = TakeWhile(text, IsDigit);
  if (number.whole.empty()) return std::nullopt;
  if (!text->starts_with('.')) return number;
  text->remove_prefix(1);
  number.fraction = TakeWhile(text, IsDigit);
  if (number.fraction.empty()) return std::nullopt;
  return number;
}

DurationResult Scale(Number number, int64_t unit) {
  int64_t whole = 0;
  const char* end = number.whole.data() + number.whole.size();
  if (std::from_chars(number.whole.data(), end, whole).ec != std::errc() || whole > kMaxMilliseconds / unit) {
    return {.error = DurationError::kTooLong};
  }
  while (number.fraction.ends_with('0')) number.fraction.remove_suffix(1);
  // More digits than this are beyond a millisecond of any unit, and a number of this many times a unit fits.
  constexpr size_t kMaxDigits = 9;
  if (number.fraction.size() > kMaxDigits) return {.error = DurationError::kTooFine};
  int64_t numerator = 0, denominator = 1;
  for (char digit : number.fraction) {
    numerator = numerator * 10 + (digit - '0');
    denominator *= 10;
  }
  if (numerator * unit % denominator != 0) return {.error = DurationError::kTooFine};
  return {.value = base::Duration(whole * unit + numerator * unit / denominator)};
}

}  // namespace

DurationResult ParseDuration(std::string_view text) {
  if (text == "0") return {};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return {.error = DurationError::kSyntax};
  DurationResult sum;
  for (const Unit* next = kUnits.begin(); !text.empty();) {
    const std::optional<Number> number = TakeNumber(&text);
    if (!number) return {.error = DurationError::kSyntax};
    const std::string_view name = TakeWhile(&text, IsLower);
    const auto unit =
        std::find_if(next, kUnits.end(), [name](const Unit& unit) { return unit.name == name; });
    if (unit == kUnits.end()) return {.error = DurationError::kSyntax};
    const DurationResult part = Scale(*number, unit->milliseconds);
    if (sum.error == DurationError::kNone) sum.error = part.error;
    sum.value += part.value;
    next = unit + 1;
  }
  if (sum.value.count() > kMaxMilliseconds) sum.error = DurationError::kTooLong;
  if (negative) sum.error = DurationError::kNegative;
  return sum.error == DurationError::kNone ? sum : DurationResult{.error = sum.error};
}

std::string FormatDuration(base::Duration duration) {
  const int64_t total = duration.count();
  const int64_t hours = total / 3'600'000, minutes = total / 60'000 % 60, seconds = total / 1000 % 60;
  const int64_t milliseconds = total % 1000;
  std::string text;
  if (hours > 0) text.append(fmt::format("{}h", hours));
  if (minutes > 0) text.append(fmt::format("{}m", minutes));
  if (seconds > 0 && milliseconds > 0) {
    std::string fraction = fmt::format("{:03}", milliseconds);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return text.append(fmt::format("{}.{}s", seconds, fraction));
  }
  if (milliseconds > 0) return text.append(fmt::format("{}ms", milliseconds));
  if (seconds > 0 || text.empty()) text.append(fmt::format("{}s", seconds));
  return text;
}

}  // namespace fairlead::config
