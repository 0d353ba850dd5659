#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/http1/error.h"
#include "pkg/http1/request_head.h"

namespace fairlead::demo {

// One whole HTTP/1.1 answer, and what becomes of the connection behind it.
struct Answer {
  enum class Then : uint8_t {
    kNextRequest,
    kClose,
    kWebSocket,  // the answer is a 101: frames follow
  };

  std::string bytes;
  Then then = Then::kNextRequest;
};

// What the backend called `backend` says to a complete request: the page on `/`, a 101 on `/ws` (426 to who
// asks for no WebSocket there), 404 elsewhere. Every answer names the backend in X-Backend.
Answer AnswerRequest(const http1::RequestHead& request, std::string_view backend);

// What it says to a request that was refused, before it closes.
Answer AnswerError(http1::Error error, std::string_view backend);

}  // namespace fairlead::demo
