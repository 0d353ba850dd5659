#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::ctl {

enum class Tint : uint8_t { kNone, kGood, kWarning, kBad, kFaint, kStrong };

// Whether and how text is coloured.
class Style {
 public:
  // Plain: for files, pipes and tests.
  Style() = default;
  explicit Style(bool colours) : colours_(colours) {}
  // Colours when standard output is a terminal that has them, and NO_COLOR is unset or empty.
  static Style OfStandardOutput();

  bool colours() const { return colours_; }
  std::string Paint(Tint tint, std::string_view text) const;

 private:
  bool colours_ = false;
};

// The text with control characters replaced: what others say must not steer the terminal.
std::string Printable(std::string_view text);

}  // namespace fairlead::ctl
