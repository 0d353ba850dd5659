#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pkg/tls/hkdf.h"

namespace fairlead::tls {

// TLS 1.3's key schedule (RFC 8446 §7.1) for OpenSSL's handshakes: a provider (provider-kdf(7)) of the single
// algorithm TLS13-KDF. It is there for two reasons: a handshake derives some twenty keys, and whoever derives
// them knows the traffic secrets that compact records need.

// Loads it, once in a process, and returns the property query (property(7)) by which a context prefers it;
// null when OpenSSL refuses it. Who asks for nothing is served by OpenSSL's own providers, as before. Any
// thread.
const char* LoadKeySchedule();

// client_application_traffic_secret_0 and the server's.
struct TrafficSecrets {
  struct Secret {
    std::array<uint8_t, kMaxHashBytes> bytes;
    size_t size = 0;  // 0: not made yet
  };
  Secret client;
  Secret server;

  TrafficSecrets() = default;
  ~TrafficSecrets() { Wipe(); }
  TrafficSecrets(const TrafficSecrets&) = delete;
  TrafficSecrets& operator=(const TrafficSecrets&) = delete;

  void Wipe();
};

// While it lives, the traffic secrets that OpenSSL has this thread derive are put down. One at a time for a
// thread; nothing is put down for contexts without LoadKeySchedule's query.
class TrafficSecretCapture {
 public:
  explicit TrafficSecretCapture(TrafficSecrets* secrets);
  ~TrafficSecretCapture();
  TrafficSecretCapture(const TrafficSecretCapture&) = delete;
  TrafficSecretCapture& operator=(const TrafficSecretCapture&) = delete;
};

}  // namespace fairlead::tls
