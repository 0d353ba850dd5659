#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/base/clock.h"

namespace fairlead::telemetry {

// What is known once a request has its answer. Client-supplied text goes in as it came: it is cut and escaped
// later.
struct Handshake {
  uint64_t id = 0;            // of the tunnel or request, unique in the process
  std::string_view client{};  // address and port
  std::string_view method{};
  std::string_view host{};
  std::string_view path{};     // with the query
  std::string_view upgrade{};  // the token; empty = none asked for
  std::string_view request_id{};
  std::string_view tls_cipher{};  // by its name in TLS's registry; empty = the client's side is in the clear
  std::string_view tls_peer{};    // who the client's certificate says it is; empty = it has none
  int status = 0;                 // what the client got; 0 = it left before
  std::chrono::microseconds handshake{0};  // from the first byte of the head to the answer's head sent
  uint64_t revision = 0;                   // of the configuration that routed it
};

// Names that come from the configuration. Empty = none.
struct Place {
  std::string_view listener{};
  std::string_view route{};
  std::string_view cluster{};
  std::string_view endpoint{};
};

// What was said on a WebSocket.
struct Talk {
  uint64_t messages_received = 0;      // from the client
  uint64_t messages_sent = 0;          // to the client
  int close_code = 0;                  // 0 = it was no WebSocket
  std::string_view close_initiator{};  // ToString of an Initiator
};

struct Outcome {
  uint64_t bytes_received = 0;            // from the client
  uint64_t bytes_sent = 0;                // to the client
  std::chrono::microseconds duration{0};  // from the first byte of the head to the end
  std::optional<Talk> talk{};             // of a WebSocket
  std::string_view reason{};  // ToString of a CloseReason or RejectReason; empty = a request that went well
};

enum class AccessEvent : uint8_t { kOpen, kEnd };

// One JSON object without the newline, at most a few KiB. Any bytes give valid JSON: what is no UTF-8 is
// written byte by byte as \u00xx. Empty fields are left out; an open line has no outcome.
std::string FormatAccessLine(AccessEvent event, base::WallTime now, const Handshake& handshake,
                             const Place& place, const Outcome& outcome);

}  // namespace fairlead::telemetry
