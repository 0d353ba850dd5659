#pragma once

#include <string>
#include <string_view>

#include "pkg/http1/fields.h"

namespace fairlead::http1 {

// Append an HTTP/1.1 head with its empty line. The parts must be valid: they come from a reader, from checked
// configuration or from us, and are never raw input.
void AppendRequestHead(std::string_view method, std::string_view target, const Fields& fields,
                       std::string* out);
// An empty reason stands for the usual one of that status.
void AppendResponseHead(int status, std::string_view reason, const Fields& fields, std::string* out);

}  // namespace fairlead::http1
