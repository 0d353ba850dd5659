#pragma once

#include <optional>
#include <string_view>

#include "pkg/http1/request_head.h"
#include "pkg/proxy/local_reply.h"

namespace fairlead::proxy {

// RFC 9110 §7.6.2: each intermediary counts Max-Forwards of OPTIONS and TRACE down, and answers itself what
// is to come no further. With other methods the field is like any other.

// The answer to a request that is not to be forwarded: its Max-Forwards is 0 or no number. TRACE is not
// echoed: that would show a script what the browser keeps from it.
std::optional<LocalReply> CheckMaxForwards(const http1::RequestHead& head);

// For a request that passed the check.
void CountDownMaxForwards(std::string_view method, http1::Fields* fields);

}  // namespace fairlead::proxy
