#include "pkg/tls/record_sealer.h"

#include <algorithm>
#include <array>

namespace fairlead::tls {

void RecordSealer::AppendData(RecordCrypto& crypto, std::string_view content, uint64_t records_per_key,
                              Scratch* out) {
  while (!content.empty()) {
    if (keys_.number() >= records_per_key) AppendKeyUpdate(crypto, out);
    const size_t size = std::min(content.size(), kMaxContent);
    Append(crypto, ContentType::kApplicationData, content.substr(0, size), out);
    content.remove_prefix(size);
  }
}

void RecordSealer::AppendKeyUpdate(RecordCrypto& crypto, Scratch* out) {
  // Handshake message type 24, length 1, update_not_requested.
  constexpr std::array<char, 5> message = {24, 0, 0, 1, 0};
  Append(crypto, ContentType::kHandshake, {message.data(), message.size()}, out);
  keys_.Update();
}

void RecordSealer::AppendAlert(RecordCrypto& crypto, Alert alert, Scratch* out) {
  // The level means nothing in TLS 1.3; it is set as the older versions did.
  const bool warning = alert == Alert::kCloseNotify || alert == Alert::kUserCanceled;
  const std::array<char, 2> message = {static_cast<char>(warning ? 1 : 2), static_cast<char>(alert)};
  Append(crypto, ContentType::kAlert, {message.data(), message.size()}, out);
}

void RecordSealer::Append(RecordCrypto& crypto, ContentType type, std::string_view content, Scratch* out) {
  const size_t payload = content.size() + 1 + kTagBytes;
  uint8_t* record = out->Extend(kHeaderBytes + payload);
  record[0] = static_cast<uint8_t>(ContentType::kApplicationData);
  record[1] = record[2] = 3;  // legacy_record_version 0x0303 (RFC 8446 §5.2)
  record[3] = static_cast<uint8_t>(payload >> 8);
  record[4] = static_cast<uint8_t>(payload);
  crypto.Seal(keys_, record, content, static_cast<uint8_t>(type), record + kHeaderBytes);
}

}  // namespace fairlead::tls
