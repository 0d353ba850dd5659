#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/proxy/session_state.h"

namespace fairlead::testing {

// Where in its life a client's connection is when something goes wrong: one or more for each state of
// session_state.h.
enum class Point {
  kProxyHeader,      // inside the PROXY header
  kTlsAwaited,       // nothing has been said, and TLS is to come
  kInsideHello,      // half of a TLS hello has come
  kHelloAnswered,    // the client has the certificate; it has yet to finish
  kAccepted,         // nothing has been said
  kInsideHead,       // a line of the first head has come
  kBetweenRequests,  // a request was answered
  kQueued,           // an upgrade waits for its turn
  kConnecting,       // an upgrade waits for a connection to a backend
  kRequestSent,      // the backend has an upgrade to answer
  kRequestBody,      // the backend has the head and some of the body of a POST
  kResponseBody,     // the client has the head and some of the body of an answer
  kLingering,        // the client has the answer that ends the connection
  kTunnel,
};

enum class Fault {
  kClientResets,
  kClientEnds,  // half-closes
  kClientFallsSilent,
  kClientStopsReading,  // while there is much to read
  kClientTalksGarbage,
  kBackendResets,  // or refuses
  kBackendEnds,
  kBackendFallsSilent,
  kBackendStopsReading,
  kBackendTalksGarbage,
  kDescriptorsRunOut,  // none is to be had any more, until all timeouts have had their time
};

inline constexpr Fault kFaults[] = {
    Fault::kClientResets,        Fault::kClientEnds,         Fault::kClientFallsSilent,
    Fault::kClientStopsReading,  Fault::kClientTalksGarbage, Fault::kBackendResets,
    Fault::kBackendEnds,         Fault::kBackendFallsSilent, Fault::kBackendStopsReading,
    Fault::kBackendTalksGarbage, Fault::kDescriptorsRunOut,
};

// What must come of it, once every timeout has had its time.
struct Outcome {
  int status = 0;  // of what the client is answered from then on; 0 = nothing
  // All that is counted on the connection, as "requests CODE", "upgrades CODE", "rejected REASON" (an
  // upgrade), "connection REASON" and "tunnel REASON".
  std::vector<std::string> counted;
};

// None for kClosed alone. A state that is not named here does not compile.
std::vector<Point> PointsOf(proxy::State state);

// Nothing where the fault cannot happen at that point.
std::optional<Outcome> OutcomeOf(Point point, Fault fault);

std::string_view ToString(Point point);
std::string_view ToString(Fault fault);

}  // namespace fairlead::testing
