#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/tunnel/listing.h"

namespace fairlead::control {

enum class TunnelOrder : uint8_t {
  kId,
  kAge,       // the oldest first
  kIdle,      // the longest idle first
  kBytes,     // the one with most bytes, both ways, first
  kMessages,  // likewise
  kPingRtt,   // the one whose slower side answered a ping slowest first
};

// Where a page begins: behind the tunnel that the page before ended with, wherever that one is by now.
struct PageToken {
  int64_t rank = INT64_MIN;  // by the order of the list
  uint64_t id = 0;

  // Empty = the beginning. Nothing when it is not a text that ToString made.
  static std::optional<PageToken> Parse(std::string_view text);
  std::string ToString() const;
};

struct TunnelPage {
  std::vector<tunnel::Row> rows;
  std::string next;  // a page token; empty = nothing follows
};

// At most `size` of the rows.
TunnelPage PageOf(std::vector<tunnel::Row> rows, TunnelOrder order, const PageToken& from, size_t size);

}  // namespace fairlead::control
