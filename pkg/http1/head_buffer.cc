#include "pkg/http1/head_buffer.h"

#include <algorithm>

namespace fairlead::http1 {

namespace {

// Between requests the buffer keeps what a usual head needs and gives the rest back.
constexpr size_t kKeptCapacity = 4096;

bool CanStartHead(char c) {
  return c == '\r' || (c > 0x20 && c < 0x7f);
}

}  // namespace

HeadBuffer::Result HeadBuffer::Feed(std::string_view* in) {
  size_t end = 0;
  while (end < in->size()) {
    if (lines_ == 0 && line_length_ == 0 && !CanStartHead((*in)[end])) return Result::kBadLine;
    const size_t start = end;
    const size_t newline = in->find('\n', start);
    const bool ends = newline != std::string_view::npos;
    end = ends ? newline + 1 : in->size();
    line_length_ += end - start;
    // The byte before the newline may have come with the piece before.
    const char before = !ends ? '\0' : newline > 0 ? (*in)[newline - 1] : text_.empty() ? '\0' : text_.back();
    const Result result = CheckLine(text_.size() + end, ends, before);
    if (result != Result::kNeedMore) return result;
    if (!ends) break;
    const bool empty = line_length_ == 2;
    line_length_ = 0;
    if (empty && lines_ == 0) {
      if (!empty_line_left_) return Result::kBadLine;
      empty_line_left_ = false;
      text_.clear();
      in->remove_prefix(end);
      end = 0;
      continue;
    }
    ++lines_;
    if (empty) {
      text_.append(in->substr(0, end));
      in->remove_prefix(end);
      return Result::kComplete;
    }
  }
  text_.append(*in);
  in->remove_prefix(in->size());
  return Result::kNeedMore;
}

// The order of the checks, and that each depends on nothing behind the byte that trips it, keeps the result
// the same wherever the input is split.
HeadBuffer::Result HeadBuffer::CheckLine(size_t total, bool ends, char before_newline) const {
  if (lines_ == 0 && line_length_ > std::min(limits_.max_start_line_bytes, limits_.max_head_bytes)) {
    return Result::kStartLineTooLong;
  }
  if (total > limits_.max_head_bytes) return Result::kTooLarge;
  if (ends && before_newline != '\r') return Result::kBadLine;
  return Result::kNeedMore;
}

void HeadBuffer::Clear() {
  text_.clear();
  if (text_.capacity() > kKeptCapacity) text_.shrink_to_fit();
  lines_ = 0;
  line_length_ = 0;
  empty_line_left_ = may_follow_empty_line_;
}

}  // namespace fairlead::http1
