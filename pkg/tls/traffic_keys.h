#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "pkg/tls/hkdf.h"

namespace fairlead::tls {

// The TLS 1.3 cipher suites (RFC 8446 appendix B.4) whose records are sealed and opened without OpenSSL's
// SSL.
enum class Suite : uint8_t { kAes128GcmSha256, kAes256GcmSha384, kChaCha20Poly1305Sha256 };
inline constexpr size_t kSuiteCount = 3;

inline constexpr size_t kMaxKeyBytes = 32;
inline constexpr size_t kNonceBytes = 12;

// By the number in TLS's registry: 0x1301, …
std::optional<Suite> SuiteOf(uint16_t id);
// The length of the suite's hash, which is that of its secrets.
size_t SecretBytes(Suite suite);
size_t KeyBytes(Suite suite);

// What one direction of an established TLS 1.3 connection needs: its secret, the key and IV made from it, and
// the number of the next record (RFC 8446 §5.3, §7). Wiped when it goes.
class TrafficKeys {
 public:
  // `secret` is SecretBytes(suite) long; `number` that of the next record.
  TrafficKeys(Suite suite, std::span<const uint8_t> secret, uint64_t number = 0);
  ~TrafficKeys();
  TrafficKeys(const TrafficKeys&) = default;
  TrafficKeys& operator=(const TrafficKeys&) = delete;

  // The next generation of secret and keys; counting begins anew (RFC 8446 §7.2).
  void Update();

  Suite suite() const { return suite_; }
  const std::array<uint8_t, kMaxKeyBytes>& key() const { return key_; }  // KeyBytes(suite) of it
  // The number of the next record.
  uint64_t number() const { return number_; }
  // The nonce of the next record, which this makes the one before it.
  std::array<uint8_t, kNonceBytes> TakeNonce();

 private:
  void DeriveKeys();

  std::array<uint8_t, kMaxHashBytes> secret_;
  std::array<uint8_t, kMaxKeyBytes> key_{};
  std::array<uint8_t, kNonceBytes> iv_;
  Suite suite_;
  uint64_t number_;
};

}  // namespace fairlead::tls
