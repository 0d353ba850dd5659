#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "pkg/base/clock.h"

namespace fairlead::tls {

// The keys that seal session tickets (RFC 5077 §4): shared by all workers and by every certificate that a
// listener has had, so that a client resumes wherever it lands. A key seals for one interval and opens for
// another; nobody has to turn it. Any thread.
class TicketKeys {
 public:
  // How long a session may be resumed, and so how long a key must open at least.
  static constexpr base::Duration kInterval{2 * 60 * 60 * 1000};

  struct Key {
    std::array<uint8_t, 16> name;
    std::array<uint8_t, 32> cipher;  // AES-256
    std::array<uint8_t, 32> mac;     // HMAC-SHA256
  };

  explicit TicketKeys(const base::Clock& clock, base::Duration interval = kInterval);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // The key that seals now.
  Key Current();
  // The key of that name, where it is still good for opening.
  std::optional<Key> Find(const uint8_t* name);

 private:
  void Rotate();

  const base::Clock& clock_;
  const base::Duration interval_;
  std::mutex mutex_;
  Key current_;
  std::optional<Key> previous_;
  base::MonotonicTime since_;  // when current_ began to seal
};

}  // namespace fairlead::tls
