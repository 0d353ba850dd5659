#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pkg/tls/hkdf.h"

namespace fairlead::tls {

// TLS 1.3's key schedule (RFC 8446 §7.1) for OpenSSL's handshakes: a provider (provider-kdf(7)) of the single
// algorithm TLS13-KDF. It is there for two reasons: a handshake derives some twenty keys, and whoever derives
// them knows the traffic secrets that compact records need.

// What makes a context prefer it (for SSL_CTX_new_ex); null when OpenSSL refuses it. Loaded once in a
// process.
const char* KeyScheduleQuery();

// client_application_traffic_secret_0 and the server's.
struct TrafficSecrets {
  struct Secret {
    std::array<uint8_t, kMaxHashBytes> bytes;
    size_t size = 0;  // 0: not made yet
  };
  Secret client;
  Secret server;

  TrafficSecrets() = default;
  ~TrafficSecrets();
  TrafficSecrets(const TrafficSecrets&) = delete;
  TrafficSecrets& operator=(const TrafficSecrets&) = delete;
};

// While it lives, the traffic secrets that OpenSSL has this thread make are put down. One at a time a thread.
class KeepTrafficSecrets {
 public:
  explicit KeepTrafficSecrets(TrafficSecrets* secrets);
  ~KeepTrafficSecrets();
  KeepTrafficSecrets(const KeepTrafficSecrets&) = delete;
  KeepTrafficSecrets& operator=(const KeepTrafficSecrets&) = delete;
};

}  // namespace fairlead::tls
