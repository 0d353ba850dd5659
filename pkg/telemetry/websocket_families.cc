#include <utility>

#include "pkg/telemetry/families.h"

namespace fairlead::telemetry {
namespace {

using prometheus::MetricType;
using ByRoute = std::map<std::pair<std::string, std::string>, RouteInstruments>;
using ByRouteAlone = std::map<std::string, WebSocketInstruments>;

struct Direction {
  std::string_view name;
  const WebSocketInstruments::ByKind& counters;
};

std::array<Direction, 2> DirectionsOf(const WebSocketInstruments& websocket) {
  return {{{"received", websocket.received}, {"sent", websocket.sent}}};
}

bool Used(const WebSocketInstruments::ByKind& counters) {
  for (const MessageCounters& kind : counters) {
    if (kind.messages() > 0) return true;
  }
  return false;
}

void AddMessages(const ByRouteAlone& routes, std::vector<prometheus::MetricFamily>* families) {
  Family messages("fairlead_websocket_messages_total", "WebSocket messages relayed, by opcode.",
                  MetricType::Counter);
  Family bytes("fairlead_websocket_message_bytes_total", "Payload of WebSocket messages relayed, by opcode.",
               MetricType::Counter);
  for (const auto& [route, websocket] : routes) {
    for (const Direction& direction : DirectionsOf(websocket)) {
      for (size_t i = 0; i < kMessageKindCount; ++i) {
        const MessageCounters& counters = direction.counters[i];
        if (counters.messages() == 0) continue;
        const std::string_view opcode = ToString(static_cast<MessageKind>(i));
        messages.Count({{"route", route}, {"direction", direction.name}, {"opcode", opcode}},
                       static_cast<double>(counters.messages()));
        bytes.Count({{"route", route}, {"direction", direction.name}, {"opcode", opcode}},
                    static_cast<double>(counters.bytes()));
      }
    }
  }
  std::move(messages).MoveTo(families);
  std::move(bytes).MoveTo(families);
}

void AddSizes(const ByRouteAlone& routes, std::vector<prometheus::MetricFamily>* families) {
  Family sizes("fairlead_websocket_message_size_bytes", "Payload of text and binary messages, as sent.",
               MetricType::Histogram);
  for (const auto& [route, websocket] : routes) {
    for (const Direction& direction : DirectionsOf(websocket)) {
      if (!Used(direction.counters)) continue;
      const MessageCounters& text = direction.counters[static_cast<size_t>(MessageKind::kText)];
      const MessageCounters& binary = direction.counters[static_cast<size_t>(MessageKind::kBinary)];
      auto& histogram = sizes.Distribution({{"route", route}, {"direction", direction.name}});
      for (size_t i = 0; i < MessageCounters::kBuckets; ++i) {
        histogram.sample_count += text.messages(i) + binary.messages(i);
        if (i + 1 == MessageCounters::kBuckets) break;
        histogram.bucket.push_back({.cumulative_count = histogram.sample_count,
                                    .upper_bound = static_cast<double>(MessageCounters::BoundOf(i))});
      }
      histogram.sample_sum = static_cast<double>(text.bytes() + binary.bytes());
    }
  }
  std::move(sizes).MoveTo(families);
}

void AddCloses(const ByRouteAlone& routes, std::vector<prometheus::MetricFamily>* families) {
  Family closes(
      "fairlead_websocket_closes_total",
      "WebSockets that ended, by the code of the first Close and by who sent it; 1006: without a Close.",
      MetricType::Counter);
  for (const auto& [route, websocket] : routes) {
    for (size_t i = 0; i < CloseCounters::kSize; ++i) {
      for (const Initiator initiator : {Initiator::kClient, Initiator::kBackend, Initiator::kProxy}) {
        const uint64_t count = websocket.closes.value(i, initiator);
        if (count == 0) continue;
        closes.Count(
            {{"route", route}, {"code", CloseCounters::Label(i)}, {"initiator", ToString(initiator)}},
            static_cast<double>(count));
      }
    }
  }
  std::move(closes).MoveTo(families);
}

void AddExceptions(const ByRouteAlone& routes, std::vector<prometheus::MetricFamily>* families) {
  Family transparent("fairlead_websocket_transparent_tunnels_total",
                     "Tunnels whose bytes turned out to be no WebSocket, and are relayed as they are.",
                     MetricType::Counter);
  Family dropped("fairlead_websocket_dropped_bytes_total",
                 "Bytes that came behind a Close of ours, and went nowhere.", MetricType::Counter);
  for (const auto& [route, websocket] : routes) {
    transparent.Count({{"route", route}}, static_cast<double>(websocket.transparent.value()));
    dropped.Count({{"route", route}}, static_cast<double>(websocket.dropped_bytes.value()));
  }
  std::move(transparent).MoveTo(families);
  std::move(dropped).MoveTo(families);
}

}  // namespace

void AddWebSocketFamilies(const ByRoute& routes, std::vector<prometheus::MetricFamily>* families) {
  ByRouteAlone sums;
  for (const auto& [key, total] : routes) sums[key.first].Absorb(total.websocket);
  AddMessages(sums, families);
  AddSizes(sums, families);
  AddCloses(sums, families);
  AddExceptions(sums, families);
}

}  // namespace fairlead::telemetry
