#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pkg/proxy_protocol/header.h"

namespace fairlead::proxy_protocol {

// Reads the header that may stand before everything else on a connection. One for each connection.
class HeaderReader {
 public:
  // A whole version 2 header with everything in it. Larger ones are legal and refused: nothing that we keep
  // needs as much, and a stranger could make us wait for 64 KiB.
  static constexpr size_t kMaxBytes = 4096;

  enum class Result {
    kNeedMore,
    kDone,    // header() is complete; what is left of the bytes comes behind it
    kAbsent,  // this is no PROXY header; what came of the connection so far is taken() and then the rest
    kError,   // it begins like one, and is none: nothing that follows can be understood
  };

  // Takes from the front of `bytes` what belongs to the header. Not to be called again after any result but
  // kNeedMore.
  Result Next(std::string_view* bytes);

  const Header& header() const { return header_; }
  std::string_view taken() const { return taken_; }

 private:
  bool Take(std::string_view* bytes, size_t total);
  Result NextV1(std::string_view* bytes);
  Result NextV2(std::string_view* bytes);

  std::string taken_;
  Header header_;
};

}  // namespace fairlead::proxy_protocol
