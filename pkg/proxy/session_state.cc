#include "pkg/proxy/session_state.h"

namespace fairlead::proxy {

std::optional<State> Next(State state, Event event) {
  const bool serving = state == State::kHead || state == State::kQueue || state == State::kConnect ||
                       state == State::kResponse || state == State::kBody;
  switch (event) {
    case Event::kProxied:
      return state == State::kProxyHeader ? std::optional(State::kHead) : std::nullopt;
    case Event::kTlsExpected:
      return state == State::kProxyHeader ? std::optional(State::kTls) : std::nullopt;
    case Event::kSecured:
      return state == State::kTls ? std::optional(State::kHead) : std::nullopt;
    case Event::kQueued:
      return state == State::kHead ? std::optional(State::kQueue) : std::nullopt;
    case Event::kRequest:
      return state == State::kHead || state == State::kQueue ? std::optional(State::kConnect) : std::nullopt;
    case Event::kConnected:
      return state == State::kConnect ? std::optional(State::kResponse) : std::nullopt;
    case Event::kRetry:
      return state == State::kResponse ? std::optional(State::kConnect) : std::nullopt;
    case Event::kResponseHead:
      return state == State::kResponse ? std::optional(State::kBody) : std::nullopt;
    case Event::kUpgraded:
      return state == State::kResponse ? std::optional(State::kTunnel) : std::nullopt;
    case Event::kDone:
      return serving ? std::optional(State::kHead) : std::nullopt;
    case Event::kLast:
      return serving || state == State::kTls ? std::optional(State::kLinger) : std::nullopt;
    case Event::kGone:
      return serving || state == State::kProxyHeader || state == State::kTls || state == State::kLinger
                 ? std::optional(State::kClosed)
                 : std::nullopt;
  }
  return std::nullopt;
}

std::string_view ToString(State state) {
  switch (state) {
    case State::kProxyHeader:
      return "proxy header";
    case State::kTls:
      return "tls";
    case State::kHead:
      return "head";
    case State::kQueue:
      return "queue";
    case State::kConnect:
      return "connect";
    case State::kResponse:
      return "response";
    case State::kBody:
      return "body";
    case State::kLinger:
      return "linger";
    case State::kTunnel:
      return "tunnel";
    case State::kClosed:
      return "closed";
  }
  return "";
}

}  // namespace fairlead::proxy
