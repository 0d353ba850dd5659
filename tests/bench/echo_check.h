#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/bench/message.h"

namespace fairlead::bench {

/// What comes back in one tunnel, compared byte by byte with what must come back: the echoes of messages 0,
/// 1, 2, … in this order.
class EchoCheck {
 public:
  /// Takes bytes that came back when `sent` messages had gone out. False when they are not the echoes of
  /// these; the tunnel is of no use then.
  bool Take(std::string_view bytes, uint64_t sent, Message& expected);

  /// Echoes that have come whole.
  uint64_t received() const { return received_; }

 private:
  uint64_t received_ = 0;
  size_t received_bytes_ = 0;  // of the next one
};

}  // namespace fairlead::bench
