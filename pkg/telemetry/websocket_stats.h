#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/telemetry/instruments.h"

namespace fairlead::telemetry {

// Who ended a WebSocket: sent the first Close or, where there was none, ended the connection.
enum class Initiator : uint8_t { kClient, kBackend, kProxy };
inline constexpr size_t kInitiatorCount = 3;

// "client", "backend", "proxy".
std::string_view ToString(Initiator initiator);

// What a message is; data messages by the opcode of their first frame.
enum class MessageKind : uint8_t { kText, kBinary, kClose, kPing, kPong };
inline constexpr size_t kMessageKindCount = 5;

// "text", "close", …
std::string_view ToString(MessageKind kind);

// Messages by their size on the wire, without headers; compressed where they are.
class MessageCounters {
 public:
  // Upper bounds, inclusive: 64 B, 256 B, … 16 MiB, and one bucket for all that is larger.
  static constexpr size_t kBuckets = 11;
  static constexpr uint64_t BoundOf(size_t bucket) { return uint64_t{64} << (2 * bucket); }

  void Add(uint64_t size) {
    sizes_[BucketOf(size)].Add(1);
    bytes_.Add(size);
  }
  void Absorb(const MessageCounters& other);

  uint64_t messages() const;
  uint64_t messages(size_t bucket) const { return sizes_[bucket].value(); }
  uint64_t bytes() const { return bytes_.value(); }

 private:
  static constexpr size_t BucketOf(uint64_t size) {
    const uint64_t above = (size - (size > 0)) | 63;
    const size_t bucket = (static_cast<unsigned>(std::bit_width(above)) - 5) / 2;
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

  std::array<Counter, kBuckets> sizes_;
  Counter bytes_;
};

// One counter for each initiator and each of 1000 to 1015, 3xxx, 4xxx and other.
class CloseCounters {
 public:
  static constexpr size_t kSize = 19;

  void Add(int code, Initiator initiator);
  void Absorb(const CloseCounters& other);

  // "1001", "3xxx", "other": the label of the counters at `index`, 0 ≤ index < kSize.
  static std::string Label(size_t index);
  uint64_t value(size_t index, Initiator initiator) const {
    return counters_[static_cast<size_t>(initiator)][index].value();
  }

 private:
  std::array<std::array<Counter, kSize>, kInitiatorCount> counters_;
};

struct WebSocketInstruments {
  using ByKind = std::array<MessageCounters, kMessageKindCount>;  // by MessageKind

  ByKind received;        // from clients, relayed
  ByKind sent;            // to clients, relayed
  CloseCounters closes;   // one of each WebSocket that has ended
  Counter transparent;    // tunnels that turned out to be no WebSocket
  Counter dropped_bytes;  // from either side, behind a Close of ours

  void Absorb(const WebSocketInstruments& other);
};

}  // namespace fairlead::telemetry
