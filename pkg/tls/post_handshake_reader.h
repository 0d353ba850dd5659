#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pkg/tls/record.h"

namespace fairlead::tls {

// Which end of a connection we are.
enum class Side : uint8_t { kServer, kClient };

// Reads the handshake messages that may follow a TLS 1.3 handshake (RFC 8446 §4.6), over as many records as
// they come in: KeyUpdate, and for a client NewSessionTicket, whose content is passed over.
class PostHandshakeReader {
 public:
  struct Result {
    std::optional<Alert> error;
    bool key_update = false;
    bool answer_wanted = false;  // the KeyUpdate asks for one of ours
  };

  explicit PostHandshakeReader(Side side) : side_(side) {}

  // The content of one handshake record.
  Result Read(std::string_view content);
  // Whether a message has begun and not ended: no other record may come between (RFC 8446 §5.1).
  bool inside() const { return header_size_ > 0; }

 private:
  // Looks at a complete header.
  std::optional<Alert> Begin();

  const Side side_;
  uint8_t header_size_ = 0;
  std::array<uint8_t, 4> header_{};
  uint32_t left_ = 0;  // of the message's body
};

}  // namespace fairlead::tls
