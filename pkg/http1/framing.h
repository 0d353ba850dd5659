#pragma once

#include <cstdint>
#include <optional>

#include "pkg/http1/fields.h"

namespace fairlead::http1 {

// How the end of a body is told (RFC 9112 §6).
enum class Framing : uint8_t { kNone, kContentLength, kChunked, kUntilClose };

struct BodyFraming {
  Framing framing = Framing::kNone;
  // The Content-Length. Always there with kContentLength; with kNone only in an answer to HEAD or a 304,
  // where it announces what is not sent.
  std::optional<uint64_t> length;

  friend bool operator==(const BodyFraming&, const BodyFraming&) = default;
};

// How a response that came with `received` goes on to a client of HTTP/1.<minor_version>: a body of unknown
// length is chunked, and for HTTP/1.0 ends with the connection, which the caller then closes.
BodyFraming FramingForClient(const BodyFraming& received, int minor_version);

// Adds the Content-Length or Transfer-Encoding that says so; nothing for kUntilClose.
void AddFraming(const BodyFraming& body, Fields* fields);

}  // namespace fairlead::http1
