#pragma once

#include <string>
#include <string_view>

#include "pkg/http1/error.h"
#include "pkg/telemetry/reject_reason.h"

namespace fairlead::proxy {

// An answer that the proxy gives itself: never empty-handed, always with the reason in words.
struct LocalReply {
  int status;
  telemetry::RejectReason reason;
  std::string_view text;  // one sentence, without the newline
};

// The answer to a request that the codec refused.
LocalReply ReplyTo(http1::Error error);

// The bytes of it. `retry_after` seconds go into Retry-After where not 0; HEAD gets no body.
std::string Render(const LocalReply& reply, std::string_view request_id, bool head_only, bool close,
                   int retry_after);

// The bytes of a redirect.
std::string RenderRedirect(int status, std::string_view location, std::string_view request_id, bool close);

}  // namespace fairlead::proxy
