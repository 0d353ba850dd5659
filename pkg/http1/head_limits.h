#pragma once

#include <cstddef>

namespace fairlead::http1 {

// What a head may cost. The trailers of a chunked body have max_head_bytes and max_fields of their own.
struct HeadLimits {
  size_t max_head_bytes = 32768;        // start line, fields and the empty line, with all line ends
  size_t max_start_line_bytes = 16384;  // with its line end; more is 414 in a request
  size_t max_fields = 100;
};

}  // namespace fairlead::http1
