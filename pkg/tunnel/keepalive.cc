#include "pkg/tunnel/keepalive.h"

#include <algorithm>

namespace fairlead::tunnel {
namespace {

// FNV-1a: two payloads that are taken for one another cost a ping that comes too early, nothing more.
uint32_t Hash(std::string_view payload) {
  uint32_t hash = 2166136261u;
  for (const char c : payload) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return hash;
}

uint32_t Clamp(size_t bytes) {
  return static_cast<uint32_t>(std::min<size_t>(bytes, UINT32_MAX));
}

}  // namespace

base::MonotonicTime Keepalive::Due(const websocket::Rules& rules) const {
  switch (state()) {
    case State::kListening:
      return heard_ + rules.ping_interval;
    case State::kProbing:
      return asked_ + rules.ping_timeout;
    case State::kWantsPing:
      return asked_ + rules.ping_interval;
  }
  return heard_;
}

Keepalive::Verdict Keepalive::Judge(base::MonotonicTime now, const websocket::Rules& rules) {
  if (now < Due(rules)) return Verdict::kWait;
  if (state() == State::kProbing) return Verdict::kSilent;
  asked_ = now;
  probing_ = foreign_.has_value();
  if (!probing_) return Verdict::kPing;
  unacknowledged_ = 0;
  return Verdict::kWait;
}

void Keepalive::Pinged(base::MonotonicTime now, base::MonotonicTime exact, size_t unacknowledged) {
  probing_ = true;
  asked_ = now;
  pinged_ = exact;
  unacknowledged_ = Clamp(unacknowledged);
}

bool Keepalive::IsDead(base::MonotonicTime now, size_t unacknowledged) {
  const uint32_t left = Clamp(unacknowledged);
  if (left >= unacknowledged_) return true;
  unacknowledged_ = left;
  asked_ = now;
  return false;
}

void Keepalive::PingRelayed(std::string_view payload) {
  foreign_ = Hash(payload);
}

void Keepalive::PongRelayed(std::string_view payload) {
  if (foreign_ == Hash(payload)) foreign_.reset();
}

}  // namespace fairlead::tunnel
