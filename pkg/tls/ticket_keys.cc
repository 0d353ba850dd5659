#include "pkg/tls/ticket_keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>

namespace fairlead::tls {
namespace {

TicketKeys::Key NewKey() {
  TicketKeys::Key key;
  const bool made = RAND_bytes(key.name.data(), key.name.size()) == 1 &&
                    RAND_priv_bytes(key.cipher.data(), key.cipher.size()) == 1 &&
                    RAND_priv_bytes(key.mac.data(), key.mac.size()) == 1;
  if (!made) std::abort();  // without randomness there is no TLS
  return key;
}

}  // namespace

TicketKeys::TicketKeys(const base::Clock& clock, base::Duration interval)
    : clock_(clock), interval_(interval), current_(NewKey()), since_(clock.Now()) {}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(&current_, sizeof(current_));
  if (previous_) OPENSSL_cleanse(&*previous_, sizeof(*previous_));
}

void TicketKeys::Rotate() {
  const base::MonotonicTime now = clock_.Now();
  if (now < since_ + interval_) return;
  // After a silence of two intervals the current one is too old for opening as well.
  if (now < since_ + 2 * interval_) {
    previous_ = current_;
  } else {
    previous_.reset();
  }
  current_ = NewKey();
  since_ = now;
}

TicketKeys::Key TicketKeys::Current() {
  const std::lock_guard lock(mutex_);
  Rotate();
  return current_;
}

std::optional<TicketKeys::Key> TicketKeys::Find(const uint8_t* name) {
  const std::lock_guard lock(mutex_);
  Rotate();
  if (std::memcmp(name, current_.name.data(), current_.name.size()) == 0) return current_;
  if (previous_ && std::memcmp(name, previous_->name.data(), previous_->name.size()) == 0) return previous_;
  return std::nullopt;
}

}  // namespace fairlead::tls
