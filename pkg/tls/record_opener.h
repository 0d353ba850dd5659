#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pkg/tls/post_handshake_reader.h"
#include "pkg/tls/record.h"
#include "pkg/tls/record_crypto.h"
#include "pkg/tls/traffic_keys.h"

namespace fairlead::tls {

// The receiving half of an established TLS 1.3 connection: whole records in, content out.
class RecordOpener {
 public:
  enum class Kind : uint8_t {
    kData,        // `size` bytes of application data; may be none
    kTicket,      // a NewSessionTicket, or part of one: nothing to do
    kKeyUpdate,   // the peer seals with its next key from now on
    kKeyRequest,  // likewise, and asks that we do so as well
    kClosed,      // close_notify: the peer sends no more
    kAborted,     // the peer gave up with a fatal alert
    kError,       // it breaks the rules: to be told `alert`, and no record read any more
  };
  struct Opened {
    Kind kind;
    Alert alert = Alert::kCloseNotify;  // the one to send for kError, the one received for kAborted
    size_t size = 0;
  };

  // Records in a row that may come without application data.
  static constexpr int kMaxIdleRecords = 32;

  RecordOpener(const TrafficKeys& keys, Side side) : keys_(keys), messages_(side) {}

  // Opens the next record, header included. `out` has room for record.size() bytes.
  Opened Open(RecordCrypto& crypto, std::string_view record, uint8_t* out);

 private:
  Opened ReadAlert(std::string_view content);
  Opened ReadHandshake(std::string_view content);

  TrafficKeys keys_;
  PostHandshakeReader messages_;
  uint8_t idle_records_ = 0;
};

}  // namespace fairlead::tls
