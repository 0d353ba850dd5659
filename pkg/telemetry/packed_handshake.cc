#include "pkg/telemetry/packed_handshake.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "pkg/telemetry/json_line.h"
#include "pkg/telemetry/tls_ciphers.h"

namespace fairlead::telemetry {
namespace {

constexpr size_t kTexts = 7;

// The texts follow.
struct Header {
  uint64_t id;
  uint64_t revision;
  uint32_t handshake_us;
  uint16_t status;
  uint8_t tls_cipher;
  std::array<uint8_t, kTexts> lengths;
};

// Clipped by their limits; the path, last, gets what is left.
constexpr std::array<size_t, kTexts - 1> kLimits{48, 16, 48, 16, 48, 36};
constexpr size_t kMaxTextBytes = PackedHandshake::kMaxBytes - sizeof(Header);
static_assert(kMaxTextBytes <= std::numeric_limits<uint8_t>::max());

}  // namespace

PackedHandshake::PackedHandshake(const Handshake& handshake) {
  const std::array<std::string_view, kTexts> texts{
      handshake.client,     handshake.method,   handshake.host, handshake.upgrade,
      handshake.request_id, handshake.tls_peer, handshake.path};
  constexpr int64_t kMaxMicroseconds = std::numeric_limits<uint32_t>::max();
  Header header{.id = handshake.id,
                .revision = handshake.revision,
                .handshake_us = static_cast<uint32_t>(
                    std::clamp<int64_t>(handshake.handshake.count(), 0, kMaxMicroseconds)),
                .status = static_cast<uint16_t>(handshake.status),
                .tls_cipher = TlsCipherNumber(handshake.tls_cipher),
                .lengths = {}};
  std::array<Clipped, kTexts> clipped;
  size_t used = 0;
  for (size_t i = 0; i < kTexts; ++i) {
    clipped[i] = Clip(texts[i], i < kLimits.size() ? kLimits[i] : kMaxTextBytes - used);
    header.lengths[i] = static_cast<uint8_t>(clipped[i].kept.size() + clipped[i].mark.size());
    used += header.lengths[i];
  }

  bytes_ = std::make_unique_for_overwrite<char[]>(sizeof(Header) + used);
  std::memcpy(bytes_.get(), &header, sizeof(Header));
  char* out = bytes_.get() + sizeof(Header);
  for (const Clipped& text : clipped) {
    out = std::copy(text.kept.begin(), text.kept.end(), out);
    out = std::copy(text.mark.begin(), text.mark.end(), out);
  }
}

Handshake PackedHandshake::Unpack() const {
  Handshake handshake;
  if (bytes_ == nullptr) return handshake;
  Header header;
  std::memcpy(&header, bytes_.get(), sizeof(Header));
  handshake.id = header.id;
  handshake.revision = header.revision;
  handshake.handshake = std::chrono::microseconds(header.handshake_us);
  handshake.status = header.status;
  handshake.tls_cipher = TlsCipherName(header.tls_cipher);
  const char* text = bytes_.get() + sizeof(Header);
  const std::array<std::string_view*, kTexts> targets{
      &handshake.client,     &handshake.method,   &handshake.host, &handshake.upgrade,
      &handshake.request_id, &handshake.tls_peer, &handshake.path};
  for (size_t i = 0; i < kTexts; ++i) {
    *targets[i] = std::string_view(text, header.lengths[i]);
    text += header.lengths[i];
  }
  return handshake;
}

}  // namespace fairlead::telemetry
