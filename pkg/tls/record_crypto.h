#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "pkg/tls/traffic_keys.h"

namespace fairlead::tls {

// The AEADs of TLS 1.3 records: a cipher context for each suite and direction that all connections of a
// thread take turns with, so that a connection needs none. One thread.
class RecordCrypto {
 public:
  RecordCrypto();
  ~RecordCrypto();
  RecordCrypto(const RecordCrypto&) = delete;
  RecordCrypto& operator=(const RecordCrypto&) = delete;

  // Seals `content`, followed by the byte `type` (RFC 8446 §5.2), as the next record of `keys`. `header` is
  // the record's, 5 bytes. `out` has room for content, type and tag, and does not overlap `content`.
  void Seal(TrafficKeys& keys, const uint8_t* header, std::string_view content, uint8_t type, uint8_t* out);
  // Opens `sealed`, the payload of the next record of `keys`, into `out`, which has room for as much. False
  // where it is not genuine; `out` is then void.
  bool Open(TrafficKeys& keys, const uint8_t* header, std::string_view sealed, uint8_t* out);

 private:
  struct Slot;
  Slot& Ready(TrafficKeys& keys, bool sealing);

  std::array<std::unique_ptr<Slot>, 2 * kSuiteCount> slots_;
};

}  // namespace fairlead::tls
