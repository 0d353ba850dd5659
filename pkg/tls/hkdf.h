#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fairlead::tls {

// The hashes of TLS 1.3's cipher suites.
enum class Hash : uint8_t { kSha256, kSha384 };
inline constexpr size_t kMaxHashBytes = 48;
// The most that a label and a context may have: each is prefixed by a byte with its length (RFC 8446 §7.1).
inline constexpr size_t kMaxLabelBytes = 249;
inline constexpr size_t kMaxContextBytes = 255;

size_t HashBytes(Hash hash);

// HKDF, the key derivation of TLS 1.3 (RFC 5869, RFC 8446 §7.1). With OpenSSL's digests, each set up once a
// thread: its own HKDF looks digest and MAC up at every call and takes four times as long. Salts and secrets
// are at most 64 bytes. From any thread; no memory for a digest ends the process.

// HKDF-Extract. `out` gets HashBytes(hash).
void HkdfExtract(Hash hash, std::span<const uint8_t> salt, std::span<const uint8_t> key, uint8_t* out);
// HKDF-Expand-Label, the label without TLS's prefix. `out` is at most 255 times as long as the hash.
void HkdfExpandLabel(Hash hash, std::span<const uint8_t> secret, std::string_view label,
                     std::span<const uint8_t> context, std::span<uint8_t> out);
// HKDF-Extract behind "derived", as one stage of the key schedule follows the other: `before` is the secret
// of the stage before.
void HkdfNextStage(Hash hash, std::span<const uint8_t> before, std::span<const uint8_t> key, uint8_t* out);

}  // namespace fairlead::tls
