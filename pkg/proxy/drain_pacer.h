#pragma once

#include <cstddef>

#include "pkg/base/clock.h"

namespace fairlead::proxy {

// Spreads the closing of `total` tunnels evenly over a window. Pure: it is told the time.
class DrainPacer {
 public:
  DrainPacer(base::MonotonicTime begin, base::Duration window, size_t total)
      : begin_(begin), window_(window), total_(total) {}

  // How many of those still open are to be closed now. Tunnels that ended by themselves count as done.
  size_t DueAt(base::MonotonicTime now, size_t still_open) const;
  bool Expired(base::MonotonicTime now) const { return now >= begin_ + window_; }

 private:
  base::MonotonicTime begin_;
  base::Duration window_;
  size_t total_;
};

}  // namespace fairlead::proxy
