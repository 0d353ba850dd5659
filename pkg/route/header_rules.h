#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/http1/fields.h"
#include "pkg/route/value_template.h"

namespace fairlead::route {

// What a route does to the fields of a message: it removes some, then sets some (one value in place of any
// that were there), then adds some. Immutable.
class HeaderRules {
 public:
  explicit HeaderRules(const config::HeaderRules& rules);

  // Names in `fields` may be views into this afterwards, which outlives their use; values are kept by
  // `fields`.
  void Apply(const Variables& variables, http1::Fields* fields) const;

 private:
  struct Rule {
    std::string name;
    ValueTemplate value;
  };

  std::vector<std::string> remove_;
  std::vector<Rule> set_;
  std::vector<Rule> add_;
};

}  // namespace fairlead::route
