#pragma once

#include <memory>
#include <string_view>

#include "pkg/http1/error.h"
#include "pkg/http1/event.h"
#include "pkg/http1/fields.h"
#include "pkg/http1/head_limits.h"
#include "pkg/http1/request_head.h"

namespace fairlead::http1 {

// Reads the requests of one client connection, one after the other (RFC 9112), and refuses whatever two
// implementations could understand in two ways. Pure: bytes in, events out; used on one thread.
//
//   while (true) switch (reader.Next(&in)) { case Event::kHead: … }
//
// The events of a request are kHead, kBody any number of times, kEnd. Input behind the request stays in `in`:
// pipelined requests, or, behind a head with an upgrade, bytes that the caller keeps until the upgrade is
// answered.
//
// The head is copied into a buffer that the reader owns and uses again for the next request; the body is not
// copied.
class RequestReader {
 public:
  explicit RequestReader(const HeadLimits& limits);
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;

  // Takes from the front of *in what it needs for the next event. After kEnd it says kEnd until StartNext;
  // after kError always kError.
  Event Next(std::string_view* in);

  // From kHead until StartNext or destruction.
  const RequestHead& head() const;
  // After kBody, never empty: a view into the input of that call.
  std::string_view body() const;
  // From kEnd until StartNext: the trailers of a chunked body.
  const Fields& trailers() const;
  // After kError.
  Error error() const;

  // Whether a byte of the current request has arrived: a connection between requests is idle, one inside is
  // slow.
  bool started() const;

  // Allowed after kEnd only: forgets the request and reads the next one.
  void StartNext();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::http1
