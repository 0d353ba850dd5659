#include "pkg/telemetry/websocket_stats.h"

#include <cstdlib>

namespace fairlead::telemetry {
namespace {

constexpr int kFirstCode = 1000;
constexpr int kLastCode = 1015;
constexpr size_t k3xxx = kLastCode - kFirstCode + 1;
constexpr size_t k4xxx = k3xxx + 1;
constexpr size_t kOther = k4xxx + 1;
static_assert(kOther + 1 == CloseCounters::kSize);

size_t IndexOf(int code) {
  if (code >= kFirstCode && code <= kLastCode) return static_cast<size_t>(code - kFirstCode);
  if (code / 1000 == 3) return k3xxx;
  return code / 1000 == 4 ? k4xxx : kOther;
}

}  // namespace

std::string_view ToString(Initiator initiator) {
  switch (initiator) {
    case Initiator::kClient:
      return "client";
    case Initiator::kBackend:
      return "backend";
    case Initiator::kProxy:
      return "proxy";
  }
  std::abort();
}

std::string_view ToString(MessageKind kind) {
  switch (kind) {
    case MessageKind::kText:
      return "text";
    case MessageKind::kBinary:
      return "binary";
    case MessageKind::kClose:
      return "close";
    case MessageKind::kPing:
      return "ping";
    case MessageKind::kPong:
      return "pong";
  }
  std::abort();
}

void MessageCounters::Absorb(const MessageCounters& other) {
  for (size_t i = 0; i < kBuckets; ++i) sizes_[i].Add(other.messages(i));
  bytes_.Add(other.bytes());
}

uint64_t MessageCounters::messages() const {
  uint64_t sum = 0;
  for (const Counter& bucket : sizes_) sum += bucket.value();
  return sum;
}

void CloseCounters::Add(int code, Initiator initiator) {
  counters_[static_cast<size_t>(initiator)][IndexOf(code)].Add(1);
}

void CloseCounters::Absorb(const CloseCounters& other) {
  for (size_t i = 0; i < kInitiatorCount; ++i) {
    for (size_t j = 0; j < kSize; ++j) counters_[i][j].Add(other.counters_[i][j].value());
  }
}

std::string CloseCounters::Label(size_t index) {
  if (index == k3xxx) return "3xxx";
  if (index == k4xxx) return "4xxx";
  return index == kOther ? "other" : std::to_string(kFirstCode + static_cast<int>(index));
}

void WebSocketInstruments::Absorb(const WebSocketInstruments& other) {
  for (size_t i = 0; i < kMessageKindCount; ++i) {
    received[i].Absorb(other.received[i]);
    sent[i].Absorb(other.sent[i]);
  }
  closes.Absorb(other.closes);
  transparent.Add(other.transparent.value());
  dropped_bytes.Add(other.dropped_bytes.value());
}

}  // namespace fairlead::telemetry
