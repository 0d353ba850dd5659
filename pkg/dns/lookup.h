#pragma once

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "pkg/base/address.h"
#include "pkg/dns/resolver.h"

namespace fairlead::dns {

// One lookup of a name, under way: all its A and AAAA records. A literal address is its own answer.
// Destroying it gives the lookup up; `done` is then not called.
class Lookup {
 public:
  // At least one address, in no order, or why there is none.
  using Answer = absl::StatusOr<std::vector<base::IpAddress>>;
  // Called once, from the loop, never from inside the constructor. May destroy the lookup.
  using Done = absl::AnyInvocable<void(Answer)>;

  Lookup(Resolver& resolver, const std::string& name, Done done);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

 private:
  struct Query;
  Query* query_;  // null once done
};

}  // namespace fairlead::dns
