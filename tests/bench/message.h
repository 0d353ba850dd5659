#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::bench {

/// Bytes of the sequence number every payload starts with: the smallest payload there is.
constexpr size_t kSequenceBytes = 8;

/// A binary WebSocket frame (RFC 6455, 5.2) of which only the sequence number changes: the payload is the
/// number, then a fixed pattern. One template serves all tunnels, so that sending a message is one write
/// and checking one is a comparison of bytes.
class Message {
 public:
  /// What a client sends: masked, always with the same key, which costs a relay what any key costs.
  static Message FromClient(size_t payload_bytes);

  /// What an echoing server must answer: the same payload, unmasked.
  static Message FromServer(size_t payload_bytes);

  /// Header and payload, in bytes.
  size_t size() const { return frame_.size(); }

  /// The frame that carries `sequence`; valid until the next call.
  std::string_view WithSequence(uint64_t sequence);

 private:
  Message(size_t payload_bytes, bool masked);

  std::string frame_;
  size_t sequence_at_;
  uint64_t sequence_mask_;
};

/// Appends the header of an unmasked binary frame.
void AppendServerHeader(size_t payload_bytes, std::string& out);

}  // namespace fairlead::bench
