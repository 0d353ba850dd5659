#include "pkg/tls/record_framer.h"

#include <algorithm>

#include "pkg/tls/record.h"

namespace fairlead::tls {
namespace {

size_t PayloadOf(std::string_view header) {
  return static_cast<uint8_t>(header[3]) << 8 | static_cast<uint8_t>(header[4]);
}

bool IsForeign(std::string_view header) {
  const auto type = static_cast<uint8_t>(header[0]);
  return type < static_cast<uint8_t>(ContentType::kChangeCipherSpec) ||
         type > static_cast<uint8_t>(ContentType::kApplicationData) || header[1] != 3;
}

}  // namespace

void RecordFramer::DropSpent() {
  if (spent_ == 0) return;
  if (spent_ == partial_.size()) {
    std::string().swap(partial_);  // an idle connection keeps no memory for it
  } else {
    partial_.erase(0, spent_);
  }
  spent_ = 0;
}

RecordFramer::Result RecordFramer::Next(std::string_view* in, size_t max_payload, std::string_view* record) {
  DropSpent();
  if (!partial_.empty() && partial_.size() < kHeaderBytes) {
    const size_t missing = std::min(kHeaderBytes - partial_.size(), in->size());
    partial_.append(in->substr(0, missing));
    in->remove_prefix(missing);
  }
  const std::string_view front = partial_.empty() ? *in : std::string_view(partial_);
  if (front.size() >= kHeaderBytes) {
    if (IsForeign(front)) return Result::kForeign;
    if (PayloadOf(front) > max_payload) return Result::kOversize;
    const size_t size = kHeaderBytes + PayloadOf(front);
    if (partial_.empty() && in->size() >= size) {
      *record = in->substr(0, size);
      in->remove_prefix(size);
      return Result::kRecord;
    }
    if (partial_.size() < size) {
      partial_.reserve(size);
      const size_t missing = std::min(size - partial_.size(), in->size());
      partial_.append(in->substr(0, missing));
      in->remove_prefix(missing);
    }
    if (partial_.size() < size) return Result::kMore;
    spent_ = size;
    *record = std::string_view(partial_).substr(0, size);
    return Result::kRecord;
  }
  if (partial_.empty()) partial_.assign(*in);
  *in = {};
  return Result::kMore;
}

}  // namespace fairlead::tls
