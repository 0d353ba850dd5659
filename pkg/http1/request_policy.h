#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "pkg/http1/error.h"
#include "pkg/http1/request_head.h"

namespace fairlead::http1 {

// Decides whether a request whose grammar is right may pass, and works out what it means. Part of
// RequestReader.
//
// In: `head` with method, minor_version and fields, the request target as it came, and the Content-Length as
// the parser read it. Out: the rest of `head`, of whose views some may be kept in head->fields.
Error ApplyRequestPolicy(std::string_view target, std::optional<uint64_t> content_length, RequestHead* head);

}  // namespace fairlead::http1
