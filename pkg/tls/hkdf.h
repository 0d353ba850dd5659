#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fairlead::tls {

// The hashes of TLS 1.3's cipher suites.
enum class Hash : uint8_t { kSha256, kSha384 };
inline constexpr size_t kMaxHashBytes = 48;
size_t HashBytes(Hash hash);

// A label is prefixed by a byte with its length and TLS's (RFC 8446 §7.1); a context is a hash.
inline constexpr size_t kMaxLabelBytes = 249;
inline constexpr size_t kMaxContextBytes = kMaxHashBytes;

// HKDF, the key derivation of TLS 1.3 (RFC 5869, RFC 8446 §7.1). With OpenSSL's digests, each set up once a
// thread: OpenSSL's own HKDF looks digest and MAC up at every call and takes four times as long. From any
// thread, while its thread_locals live; the process ends where there is no memory for a digest.

// HKDF-Extract. The salt is at most 64 bytes; `out` gets HashBytes(hash).
void HkdfExtract(Hash hash, std::span<const uint8_t> salt, std::span<const uint8_t> ikm, uint8_t* out);
// HKDF-Expand-Label, the label without TLS's prefix. The secret is at most 64 bytes, `out` at most 255
// hashes; it may be `secret` where it is no longer than a hash.
void HkdfExpandLabel(Hash hash, std::span<const uint8_t> secret, std::string_view label,
                     std::span<const uint8_t> context, std::span<uint8_t> out);

}  // namespace fairlead::tls
