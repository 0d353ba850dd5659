#pragma once

#include <cstddef>
#include <memory>

#include "pkg/telemetry/access_record.h"

namespace fairlead::telemetry {

// A Handshake that a tunnel keeps to its end: one allocation of at most 256 bytes, long fields cut (what was
// cut ends in "…"; the path gets all the room that the others leave). Move-only; empty after a move.
class PackedHandshake {
 public:
  static constexpr size_t kMaxBytes = 256;

  PackedHandshake() = default;
  explicit PackedHandshake(const Handshake& handshake);

  // Views live as long as this object. An empty one gives an empty handshake.
  Handshake Unpack() const;

 private:
  std::unique_ptr<char[]> bytes_;
};

}  // namespace fairlead::telemetry
