#include "pkg/tls/post_handshake_reader.h"

#include <algorithm>

namespace fairlead::tls {
namespace {

constexpr uint8_t kNewSessionTicket = 4;
constexpr uint8_t kKeyUpdate = 24;
// The fields of a NewSessionTicket cannot add up to more (RFC 8446 §4.6.1).
constexpr uint32_t kMaxTicketMessage = 4 + 4 + 1 + 255 + 2 + 65535 + 2 + 65534;

}  // namespace

std::optional<Alert> PostHandshakeReader::Begin() {
  left_ = header_[1] << 16 | header_[2] << 8 | header_[3];
  if (header_[0] == kKeyUpdate) return left_ == 1 ? std::nullopt : std::optional(Alert::kDecodeError);
  if (header_[0] != kNewSessionTicket || side_ == Side::kServer) return Alert::kUnexpectedMessage;
  return left_ <= kMaxTicketMessage ? std::nullopt : std::optional(Alert::kDecodeError);
}

PostHandshakeReader::Result PostHandshakeReader::Read(std::string_view content) {
  if (content.empty()) return {.error = Alert::kUnexpectedMessage};
  while (!content.empty()) {
    if (header_size_ < header_.size()) {
      header_[header_size_++] = static_cast<uint8_t>(content.front());
      content.remove_prefix(1);
      if (header_size_ < header_.size()) continue;
      if (const auto error = Begin()) return {.error = error};
    }
    const size_t taken = std::min<size_t>(left_, content.size());
    const uint8_t first = taken > 0 ? static_cast<uint8_t>(content.front()) : 0;
    content.remove_prefix(taken);
    left_ -= static_cast<uint32_t>(taken);
    if (left_ > 0) break;
    if (header_[0] == kKeyUpdate && taken > 0) {
      header_size_ = 0;
      if (first > 1) return {.error = Alert::kIllegalParameter};
      // The keys change behind it, so that it must end its record (RFC 8446 §5.1).
      if (!content.empty()) return {.error = Alert::kUnexpectedMessage};
      return {.error = {}, .key_update = true, .answer_wanted = first == 1};
    }
    header_size_ = 0;
  }
  return {};
}

}  // namespace fairlead::tls
