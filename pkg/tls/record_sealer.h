#pragma once

#include <cstdint>
#include <string_view>

#include "pkg/tls/record.h"
#include "pkg/tls/record_crypto.h"
#include "pkg/tls/scratch.h"
#include "pkg/tls/traffic_keys.h"

namespace fairlead::tls {

// How many records a key seals before the next one replaces it. RFC 8446 §5.5 allows AES-GCM 2^24.5.
inline constexpr uint64_t kRecordsPerKey = uint64_t{1} << 24;

// The sending half of an established TLS 1.3 connection: content in, sealed records appended to a buffer.
class RecordSealer {
 public:
  explicit RecordSealer(const TrafficKeys& keys) : keys_(keys) {}

  // Application data: one record, or as few as hold it. A KeyUpdate goes ahead where the key is used up.
  void AppendData(RecordCrypto& crypto, std::string_view content, uint64_t records_per_key, Scratch* out);
  // Sealed under the key that it ends (RFC 8446 §4.6.3). The peer is not asked to do so as well.
  void AppendKeyUpdate(RecordCrypto& crypto, Scratch* out);
  void AppendAlert(RecordCrypto& crypto, Alert alert, Scratch* out);

  uint64_t number() const { return keys_.number(); }

 private:
  void Append(RecordCrypto& crypto, ContentType type, std::string_view content, Scratch* out);

  TrafficKeys keys_;
};

}  // namespace fairlead::tls
