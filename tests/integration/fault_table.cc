#include "tests/integration/fault_table.h"

namespace fairlead::testing {
namespace {

using Result = std::optional<Outcome>;

// No switch here has a default: whoever adds a state, a point or a fault is told by the compiler what is
// missing.

Result InProxyHeader(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
    case Fault::kClientEnds:
      return Outcome{};
    case Fault::kClientFallsSilent:
    case Fault::kDescriptorsRunOut:
      return Outcome{0, {"connection proxy_timeout"}};
    case Fault::kClientTalksGarbage:
      return Outcome{0, {"connection proxy_header"}};
    case Fault::kClientStopsReading:
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
    case Fault::kBackendFallsSilent:
    case Fault::kBackendStopsReading:
    case Fault::kBackendTalksGarbage:
      return std::nullopt;
  }
  return std::nullopt;
}

// Bytes in the clear, or changed on the way, are no handshake. Whoever leaves is not refused.
Result InHandshake(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
    case Fault::kClientEnds:
      return Outcome{};
    case Fault::kClientFallsSilent:
    case Fault::kDescriptorsRunOut:
      return Outcome{0, {"connection tls_timeout"}};
    case Fault::kClientTalksGarbage:
      return Outcome{0, {"connection tls_handshake"}};
    case Fault::kClientStopsReading:
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
    case Fault::kBackendFallsSilent:
    case Fault::kBackendStopsReading:
    case Fault::kBackendTalksGarbage:
      return std::nullopt;
  }
  return std::nullopt;
}

// `silence` is what comes of it when nothing more is said.
Result InHead(Fault fault, const Outcome& silence) {
  switch (fault) {
    case Fault::kClientResets:
    case Fault::kClientEnds:
      return Outcome{};
    case Fault::kClientFallsSilent:
    case Fault::kDescriptorsRunOut:
      return silence;
    case Fault::kClientTalksGarbage:
      return Outcome{400, {"requests 400"}};
    case Fault::kClientStopsReading:
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
    case Fault::kBackendFallsSilent:
    case Fault::kBackendStopsReading:
    case Fault::kBackendTalksGarbage:
      return std::nullopt;
  }
  return std::nullopt;
}

Result BetweenRequests(Fault fault) {
  Result result = InHead(fault, Outcome{});
  if (result) result->counted.insert(result->counted.begin(), "requests 307");
  return result;
}

// Behind one whose upgrade was answered with 502, as this one's will be at its turn.
Result Queued(Fault fault) {
  const auto after = [](int status, std::vector<std::string> counted) {
    counted.insert(counted.end(), {"upgrades 502", "rejected connect_failed"});
    return Outcome{status, std::move(counted)};
  };
  switch (fault) {
    case Fault::kClientResets:
    case Fault::kClientEnds:  // it has left, and makes room
      return after(0, {"upgrades other", "rejected client_gone"});
    case Fault::kClientFallsSilent:  // as it should
      return after(502, {"upgrades 502", "rejected connect_failed"});
    case Fault::kDescriptorsRunOut:  // our own want, and over soon: no backend has failed
      return after(503, {"upgrades 503", "rejected exhausted"});
    case Fault::kClientTalksGarbage:  // as while connecting
      return after(502, {"upgrades 502", "rejected connect_failed", "requests 400"});
    case Fault::kClientStopsReading:
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
    case Fault::kBackendFallsSilent:
    case Fault::kBackendStopsReading:
    case Fault::kBackendTalksGarbage:
      return std::nullopt;
  }
  return std::nullopt;
}

Result Connecting(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
      return Outcome{0, {"upgrades other", "rejected client_gone"}};
    case Fault::kClientEnds:  // it may wait for the answer
    case Fault::kClientFallsSilent:
    case Fault::kBackendFallsSilent:
      return Outcome{504, {"upgrades 504", "rejected connect_timeout"}};
    case Fault::kClientTalksGarbage:  // the new protocol's; without one it is the next request
      return Outcome{504, {"upgrades 504", "rejected connect_timeout", "requests 400"}};
    case Fault::kBackendResets:
      return Outcome{502, {"upgrades 502", "rejected connect_failed"}};
    case Fault::kDescriptorsRunOut:  // before there is one for the backend
      return Outcome{503, {"upgrades 503", "rejected exhausted"}};
    case Fault::kClientStopsReading:
    case Fault::kBackendEnds:
    case Fault::kBackendStopsReading:
    case Fault::kBackendTalksGarbage:
      return std::nullopt;
  }
  return std::nullopt;
}

Result RequestSent(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
      return Outcome{0, {"upgrades other", "rejected client_gone"}};
    case Fault::kClientEnds:
    case Fault::kClientFallsSilent:
    case Fault::kBackendFallsSilent:
    case Fault::kDescriptorsRunOut:
      return Outcome{504, {"upgrades 504", "rejected response_timeout"}};
    case Fault::kClientTalksGarbage:
      return Outcome{504, {"upgrades 504", "rejected response_timeout", "requests 400"}};
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
      return Outcome{502, {"upgrades 502", "rejected backend_closed"}};
    case Fault::kBackendTalksGarbage:
      return Outcome{502, {"upgrades 502", "rejected bad_response"}};
    case Fault::kClientStopsReading:
    case Fault::kBackendStopsReading:
      return std::nullopt;
  }
  return std::nullopt;
}

Result RequestBody(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
    case Fault::kClientEnds:  // in the middle of a body it has given up
      return Outcome{0, {"requests other"}};
    case Fault::kClientFallsSilent:
    case Fault::kBackendFallsSilent:  // it waits for the rest, as we do
    case Fault::kDescriptorsRunOut:
      return Outcome{408, {"requests 408"}};
    case Fault::kClientTalksGarbage:
      return Outcome{400, {"requests 400"}};
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
    case Fault::kBackendTalksGarbage:
      return Outcome{502, {"requests 502"}};
    case Fault::kBackendStopsReading:
      return Outcome{504, {"requests 504"}};
    case Fault::kClientStopsReading:
      return std::nullopt;
  }
  return std::nullopt;
}

// Too late for another answer: whatever happens, the client sees that this one is not whole.
Result ResponseBody(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
    case Fault::kClientEnds:
    case Fault::kClientFallsSilent:
    case Fault::kClientStopsReading:
    case Fault::kClientTalksGarbage:
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
    case Fault::kBackendFallsSilent:
    case Fault::kBackendTalksGarbage:
    case Fault::kDescriptorsRunOut:
      return Outcome{0, {"requests 200"}};
    case Fault::kBackendStopsReading:
      return std::nullopt;
  }
  return std::nullopt;
}

Result Lingering(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
    case Fault::kClientEnds:
    case Fault::kClientFallsSilent:
    case Fault::kClientTalksGarbage:
    case Fault::kDescriptorsRunOut:
      return Outcome{0, {"requests 400"}};
    case Fault::kClientStopsReading:
    case Fault::kBackendResets:
    case Fault::kBackendEnds:
    case Fault::kBackendFallsSilent:
    case Fault::kBackendStopsReading:
    case Fault::kBackendTalksGarbage:
      return std::nullopt;
  }
  return std::nullopt;
}

Result InTunnel(Fault fault) {
  const auto closed = [](std::string_view reason) {
    return Outcome{0, {"upgrades 101", "tunnel " + std::string(reason)}};
  };
  switch (fault) {
    case Fault::kClientResets:
      return closed("client_reset");
    case Fault::kBackendResets:
      return closed("backend_reset");
    case Fault::kClientEnds:
    case Fault::kBackendEnds:
      return closed("half_closed_timeout");
    case Fault::kClientStopsReading:
    case Fault::kBackendStopsReading:
      return closed("write_timeout");
    case Fault::kClientFallsSilent:
    case Fault::kBackendFallsSilent:
    case Fault::kDescriptorsRunOut:   // what is open needs no more
      return closed("dead_peer");     // nobody here answers pings
    case Fault::kClientTalksGarbage:  // no WebSocket any more, and so without pings
    case Fault::kBackendTalksGarbage:
      return closed("idle_timeout");
  }
  return std::nullopt;
}

}  // namespace

std::vector<Point> PointsOf(proxy::State state) {
  switch (state) {
    case proxy::State::kProxyHeader:
      return {Point::kProxyHeader};
    case proxy::State::kTls:
      return {Point::kTlsAwaited, Point::kInsideHello, Point::kHelloAnswered};
    case proxy::State::kHead:
      return {Point::kAccepted, Point::kInsideHead, Point::kBetweenRequests};
    case proxy::State::kQueue:
      return {Point::kQueued};
    case proxy::State::kConnect:
      return {Point::kConnecting};
    case proxy::State::kResponse:
      return {Point::kRequestSent, Point::kRequestBody};
    case proxy::State::kBody:
      return {Point::kResponseBody};
    case proxy::State::kLinger:
      return {Point::kLingering};
    case proxy::State::kTunnel:
      return {Point::kTunnel};
    case proxy::State::kClosed:
      return {};
  }
  return {};
}

std::optional<Outcome> OutcomeOf(Point point, Fault fault) {
  switch (point) {
    case Point::kProxyHeader:
      return InProxyHeader(fault);
    case Point::kTlsAwaited:
    case Point::kInsideHello:
    case Point::kHelloAnswered:
      return InHandshake(fault);
    case Point::kAccepted:
      return InHead(fault, Outcome{});
    case Point::kInsideHead:
      return InHead(fault, Outcome{408, {"requests 408"}});
    case Point::kBetweenRequests:
      return BetweenRequests(fault);
    case Point::kQueued:
      return Queued(fault);
    case Point::kConnecting:
      return Connecting(fault);
    case Point::kRequestSent:
      return RequestSent(fault);
    case Point::kRequestBody:
      return RequestBody(fault);
    case Point::kResponseBody:
      return ResponseBody(fault);
    case Point::kLingering:
      return Lingering(fault);
    case Point::kTunnel:
      return InTunnel(fault);
  }
  return std::nullopt;
}

std::string_view ToString(Point point) {
  switch (point) {
    case Point::kProxyHeader:
      return "InProxyHeader";
    case Point::kTlsAwaited:
      return "TlsAwaited";
    case Point::kInsideHello:
      return "InsideHello";
    case Point::kHelloAnswered:
      return "HelloAnswered";
    case Point::kAccepted:
      return "Accepted";
    case Point::kInsideHead:
      return "InsideHead";
    case Point::kBetweenRequests:
      return "BetweenRequests";
    case Point::kQueued:
      return "Queued";
    case Point::kConnecting:
      return "Connecting";
    case Point::kRequestSent:
      return "RequestSent";
    case Point::kRequestBody:
      return "RequestBody";
    case Point::kResponseBody:
      return "ResponseBody";
    case Point::kLingering:
      return "Lingering";
    case Point::kTunnel:
      return "Tunnel";
  }
  return "";
}

std::string_view ToString(Fault fault) {
  switch (fault) {
    case Fault::kClientResets:
      return "ClientResets";
    case Fault::kClientEnds:
      return "ClientEnds";
    case Fault::kClientFallsSilent:
      return "ClientFallsSilent";
    case Fault::kClientStopsReading:
      return "ClientStopsReading";
    case Fault::kClientTalksGarbage:
      return "ClientTalksGarbage";
    case Fault::kBackendResets:
      return "BackendResets";
    case Fault::kBackendEnds:
      return "BackendEnds";
    case Fault::kBackendFallsSilent:
      return "BackendFallsSilent";
    case Fault::kBackendStopsReading:
      return "BackendStopsReading";
    case Fault::kBackendTalksGarbage:
      return "BackendTalksGarbage";
    case Fault::kDescriptorsRunOut:
      return "DescriptorsRunOut";
  }
  return "";
}

}  // namespace fairlead::testing
