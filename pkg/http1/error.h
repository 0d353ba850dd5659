#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead::http1 {

// Why a message was refused. The set is bounded: it labels metrics and log lines.
enum class Error : uint8_t {
  kNone,
  kBadStartLine,      // request line or status line outside the grammar, or a line that ends in a bare LF
  kBadTarget,         // no origin form, absolute form or `OPTIONS *`; a fragment, dot segments, bad escapes
  kBadHost,           // none, several, or outside the grammar
  kBadField,          // name or value outside the grammar, obs-fold
  kBadContentLength,  // malformed or contradictory
  kBadTransferEncoding,  // contradicts the rest of the head, or leaves the length of the body open
  kBadChunk,             // chunked framing outside the grammar
  kBadUpgrade,           // an upgrade with a body, or an Upgrade outside the grammar
  kTargetTooLong,
  kExpectationFailed,  // an Expect other than 100-continue
  kHeadTooLarge,       // or the trailers
  kTooManyFields,
  kUnsupportedMethod,            // CONNECT
  kUnsupportedTransferEncoding,  // a coding other than chunked
  kUnsupportedVersion,           // neither HTTP/1.0 nor HTTP/1.1
  kTruncated,                    // a response that ended before its body did
};

// The status that tells a client why its request was refused: 400, 414, 417, 431, 501 or 505. A response that
// was refused is the backend's fault whatever the reason: the proxy answers 502.
int StatusOf(Error error);

// A word for logs and metric labels: "bad_host".
std::string_view ToString(Error error);

}  // namespace fairlead::http1
