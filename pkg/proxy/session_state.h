#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::proxy {

// The life of a client connection until it becomes a tunnel or closes.
//
//   ──► kProxyHeader ──kTlsExpected──► kTls ──kLast──► kLinger   (the first two where the listener asks for
//   them)
//              │                          │
//           kProxied                   kSecured
//              └────────────┬─────────────┘
//                           ▼
//            ┌─────────────────────────────── kDone ───────────────────────────────┐
//            ▼                                                                     │
//   ──► kHead ──kRequest──► kConnect ──kConnected──► kResponse ──kResponseHead──► kBody
//         │ ▲                  │ ▲                       │ │ │                       │
//         │ │                  │ └────── kRetry ─────────┘ │ │                       │
//         │ └──── kDone ───────┴──────── kDone ────────────┘ └──kUpgraded──► kTunnel │
//         └──kLast──► kLinger ◄──kLast── (kConnect, kResponse, kBody) ◄──────────────┘
//                        │
//   kHead ──kQueued──► kQueue ──kRequest──► kConnect; kDone and kLast as in kConnect
//                        │
//   any but kTunnel ──kGone──► kClosed
//
// kDone: the answer is out and the connection may carry another request. kLast: the answer is out and ends
// it.
enum class State : uint8_t {
  kProxyHeader,  // waiting for a PROXY header, or inside it
  kTls,          // shaking hands
  kHead,         // waiting for a request, or inside its head
  kQueue,        // an upgrade waits for its turn
  kConnect,      // the request has a route; getting a connection to a backend
  kResponse,     // the request goes out; waiting for the head of its final response
  kBody,         // relaying the response body, and what is left of the request body
  kLinger,       // everything is sent and our side is ended; reading until the client has read it
  kTunnel,       // handed over
  kClosed,
};

enum class Event : uint8_t {
  kProxied,      // who the client is has been said
  kTlsExpected,  // likewise, and TLS comes next
  kSecured,      // hands are shaken
  kQueued,
  kRequest,
  kConnected,
  kRetry,  // the backend failed it before anything was answered; getting a connection to another one
  kResponseHead,
  kUpgraded,
  kDone,
  kLast,
  kGone,  // the client left, a timeout struck, or nothing more can be said in order
};

inline constexpr int kStateCount = static_cast<int>(State::kClosed) + 1;
inline constexpr int kEventCount = static_cast<int>(Event::kGone) + 1;

// Nothing where the event cannot happen in that state.
std::optional<State> Next(State state, Event event);

std::string_view ToString(State state);

}  // namespace fairlead::proxy
