#pragma once

#include <memory>
#include <string_view>

#include "pkg/http1/error.h"
#include "pkg/http1/event.h"
#include "pkg/http1/fields.h"
#include "pkg/http1/framing.h"
#include "pkg/http1/head_limits.h"

namespace fairlead::http1 {

// A response head. All views live in the reader that parsed it.
struct ResponseHead {
  int status = 0;           // 100–999
  std::string_view reason;  // may be empty
  int minor_version = 1;    // 0 or 1
  bool keep_alive = true;   // the backend allows a next request on the connection (RFC 9112 §9.3)
  // The list of Upgrade, where `Connection: upgrade` goes with it; in a 101 the protocol that follows.
  std::string_view upgrade;
  BodyFraming body;
  Fields fields;  // all of them, as they came
};

// Reads the response to one request (RFC 9112). Pure: bytes in, events out; used on one thread.
//
// Every interim response (1xx) is a kHead of its own; then come the kHead of the final one, kBody any number
// of times and kEnd. A 101 is final: kHead, kEnd, and what is left of the input speaks the new protocol.
// Left-over input after any other kEnd means that the connection must not be used again.
class ResponseReader {
 public:
  // `method` is that of the request: an answer to HEAD has no body.
  ResponseReader(const HeadLimits& limits, std::string_view method);
  ~ResponseReader();
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;

  // Takes from the front of *in what it needs for the next event. After kEnd always kEnd, after kError always
  // kError.
  Event Next(std::string_view* in);
  // The backend has sent all it will send: kEnd when that completes the body, else kError with kTruncated.
  Event OnEof();

  // From kHead until the next kHead or destruction; after an interim head only until Next is called.
  const ResponseHead& head() const;
  // After kBody, never empty: a view into the input of that call.
  std::string_view body() const;
  // From kEnd: the trailers of a chunked body.
  const Fields& trailers() const;
  // After kError.
  Error error() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::http1
