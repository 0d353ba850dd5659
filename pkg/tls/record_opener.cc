#include "pkg/tls/record_opener.h"

namespace fairlead::tls {
namespace {

using Opened = RecordOpener::Opened;
using Kind = RecordOpener::Kind;

constexpr Opened Error(Alert alert) {
  return {.kind = Kind::kError, .alert = alert};
}

}  // namespace

Opened RecordOpener::Open(RecordCrypto& crypto, std::string_view record, uint8_t* out) {
  const auto* header = reinterpret_cast<const uint8_t*>(record.data());
  const std::string_view sealed = record.substr(kHeaderBytes);
  // In the clear there may be nothing any more, the version in the header has no meaning (RFC 8446 §5.2).
  if (header[0] != static_cast<uint8_t>(ContentType::kApplicationData))
    return Error(Alert::kUnexpectedMessage);
  if (sealed.size() > kMaxCiphertext) return Error(Alert::kRecordOverflow);
  if (!crypto.Open(keys_, header, sealed, out)) return Error(Alert::kBadRecordMac);

  size_t size = sealed.size() - kTagBytes;
  if (size > kMaxContent + 1) return Error(Alert::kRecordOverflow);
  while (size > 0 && out[size - 1] == 0) --size;  // padding
  if (size == 0) return Error(Alert::kUnexpectedMessage);
  const auto type = static_cast<ContentType>(out[--size]);
  const std::string_view content(reinterpret_cast<const char*>(out), size);

  if (type == ContentType::kApplicationData) {
    if (messages_.inside()) return Error(Alert::kUnexpectedMessage);
    if (size > 0) idle_records_ = 0;
  }
  if (type != ContentType::kApplicationData || size == 0) {
    if (++idle_records_ > kMaxIdleRecords) return Error(Alert::kUnexpectedMessage);
  }
  switch (type) {
    case ContentType::kApplicationData:
      return {.kind = Kind::kData, .size = size};
    case ContentType::kAlert:
      return ReadAlert(content);
    case ContentType::kHandshake:
      return ReadHandshake(content);
    default:
      return Error(Alert::kUnexpectedMessage);
  }
}

Opened RecordOpener::ReadAlert(std::string_view content) {
  if (messages_.inside()) return Error(Alert::kUnexpectedMessage);
  if (content.size() != 2) return Error(Alert::kDecodeError);
  const auto alert = static_cast<Alert>(content[1]);
  if (alert == Alert::kCloseNotify) return {.kind = Kind::kClosed};
  // Announces a close_notify and ends nothing by itself (RFC 8446 §6.1).
  if (alert == Alert::kUserCanceled) return {.kind = Kind::kData};
  return {.kind = Kind::kAborted, .alert = alert};
}

Opened RecordOpener::ReadHandshake(std::string_view content) {
  const PostHandshakeReader::Result read = messages_.Read(content);
  if (read.error) return Error(*read.error);
  if (!read.key_update) return {.kind = Kind::kTicket};
  keys_.Update();
  return {.kind = read.answer_wanted ? Kind::kKeyRequest : Kind::kKeyUpdate};
}

}  // namespace fairlead::tls
