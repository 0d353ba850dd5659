#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/clock.h"

namespace fairlead::telemetry {

// Text cut to a number of bytes, at a character's boundary: `kept` and then `mark`, which is "…" when
// something is missing and there was room to say so.
struct Clipped {
  std::string_view kept;
  std::string_view mark;
};
Clipped Clip(std::string_view text, size_t max_bytes);

// Builds one flat JSON object (RFC 8259) member by member. Keys are ours and need no escape; values may be
// any bytes: what is no UTF-8 is written byte by byte as \u00xx, and so are control characters.
class JsonLine {
 public:
  explicit JsonLine(size_t expected_bytes);

  void Text(std::string_view key, std::string_view value);
  void Text(std::string_view key, const Clipped& value);
  void Number(std::string_view key, uint64_t value);
  // 16 hexadecimal digits in a string: a JSON number above 2^53 does not survive every reader.
  void Hex(std::string_view key, uint64_t value);
  // Milliseconds with three decimals.
  void Milliseconds(std::string_view key, std::chrono::microseconds value);
  // RFC 3339, UTC, milliseconds: "2024-02-29T12:00:00.000Z".
  void Time(std::string_view key, base::WallTime value);

  // The object; nothing may be added afterwards.
  std::string Finish();

 private:
  void Key(std::string_view key);
  void Append(uint64_t value, int width);
  void AppendEscaped(std::string_view value);

  std::string text_;
};

}  // namespace fairlead::telemetry
