#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/http1/fields.h"
#include "pkg/http1/framing.h"

namespace fairlead::http1 {

// Puts one body into its framing, piece by piece, and holds it to the length that was announced.
class BodyWriter {
 public:
  enum class Result : uint8_t {
    kOk,
    kTooLong,   // more than the announced length: nothing of the piece may be sent
    kTooShort,  // the body ended early: the connection must not go on
  };

  explicit BodyWriter(const BodyFraming& body)
      : framing_(body.framing),
        left_(body.framing == Framing::kContentLength ? body.length.value_or(0) : 0) {}

  // Sets *wire to what goes out for `data`: `data` itself, or, chunked, the contents of *scratch, which is
  // overwritten.
  Result Write(std::string_view data, std::string* scratch, std::string_view* wire);
  // Likewise for the end of the body. Trailers go out only where the body is chunked, and only those that
  // MayBeTrailer lets pass.
  Result End(const Fields& trailers, std::string* scratch, std::string_view* wire) const;

 private:
  Framing framing_;
  uint64_t left_;  // of the announced length
};

}  // namespace fairlead::http1
