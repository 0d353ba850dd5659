#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/http1/head_limits.h"

namespace fairlead::http1 {

// Gathers one head, up to and with its empty line, from pieces of any size, and refuses early what can be
// refused without parsing: a dribbled head costs its bytes and no more. Whatever the pieces, the result is
// the same.
class HeadBuffer {
 public:
  enum class Result : uint8_t {
    kNeedMore,
    kComplete,
    kBadLine,           // a line ends in a bare LF, or the first byte cannot start a head
    kStartLineTooLong,  // longer than either limit
    kTooLarge,
  };

  // A request may follow one stray empty line (RFC 9112 §2.2); a response may not.
  HeadBuffer(const HeadLimits& limits, bool may_follow_empty_line)
      : limits_(limits),
        may_follow_empty_line_(may_follow_empty_line),
        empty_line_left_(may_follow_empty_line) {}

  // Takes from the front of *in what belongs to the head. Not to be called again after anything but
  // kNeedMore.
  Result Feed(std::string_view* in);

  // The head, once complete; it may be mended in place before it is parsed.
  std::string& text() { return text_; }
  // Whether a byte of the head has arrived.
  bool started() const { return !text_.empty(); }
  // Makes ready for the next head.
  void Clear();

 private:
  Result CheckLine(size_t total, bool ends, char before_newline) const;

  HeadLimits limits_;
  bool may_follow_empty_line_;
  bool empty_line_left_;  // the stray line has not come yet
  std::string text_;
  size_t lines_ = 0;        // complete so far
  size_t line_length_ = 0;  // of the current line so far
};

}  // namespace fairlead::http1
