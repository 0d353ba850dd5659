#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/route/request_view.h"

namespace fairlead::route {

// What a route asks of a request besides its path.
class Condition {
 public:
  explicit Condition(const config::RouteMatch& match);

  // Methods are compared as they stand (RFC 9110 §9.1), header names in any case, several header lines of a
  // name as the one list they stand for (RFC 9110 §5.3), query parameters by their first value, decoded.
  bool Holds(const RequestView& request) const;

  // How much it asks, for the order among routes of the same path: a larger value goes first.
  std::tuple<bool, size_t, size_t> Specificity() const;

 private:
  std::string method_;
  std::vector<config::ValueMatch> headers_;
  std::vector<config::ValueMatch> query_;
};

}  // namespace fairlead::route
