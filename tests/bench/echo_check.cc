#include "tests/bench/echo_check.h"

#include <algorithm>
#include <cstring>

namespace fairlead::bench {

bool EchoCheck::Take(std::string_view bytes, uint64_t sent, Message& expected) {
  while (!bytes.empty()) {
    std::string_view rest = expected.WithSequence(received_);
    rest.remove_prefix(received_bytes_);
    const size_t length = std::min(rest.size(), bytes.size());
    if (received_ == sent || std::memcmp(rest.data(), bytes.data(), length) != 0) return false;
    bytes.remove_prefix(length);
    received_bytes_ += length;
    if (received_bytes_ < expected.size()) break;
    received_bytes_ = 0;
    ++received_;
  }
  return true;
}

}  // namespace fairlead::bench
