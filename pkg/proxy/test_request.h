#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "pkg/http1/request_reader.h"
#include "pkg/http1/response_reader.h"

namespace fairlead::proxy {

// For tests: a request head as it comes out of the parser.
class ParsedRequest {
 public:
  // The whole head, with its empty line.
  explicit ParsedRequest(std::string_view text) : reader_(http1::HeadLimits()) {
    EXPECT_EQ(reader_.Next(&text), http1::Event::kHead);
  }
  const http1::RequestHead& head() const { return reader_.head(); }

 private:
  http1::RequestReader reader_;
};

// Likewise a response head.
class ParsedResponse {
 public:
  explicit ParsedResponse(std::string_view text) : reader_(http1::HeadLimits(), "GET") {
    EXPECT_EQ(reader_.Next(&text), http1::Event::kHead);
  }
  const http1::ResponseHead& head() const { return reader_.head(); }

 private:
  http1::ResponseReader reader_;
};

}  // namespace fairlead::proxy
