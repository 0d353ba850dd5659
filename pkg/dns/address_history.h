#pragma once

#include <vector>

#include "pkg/base/address.h"

namespace fairlead::dns {

// The addresses of a name over several answers. An address joins with the first answer that has it and leaves
// when kMissesToDrop answers running were without it: many servers hand out a changing part of a longer list,
// and an answer may lack one kind of address because only that half of the lookup failed.
class AddressHistory {
 public:
  static constexpr int kMissesToDrop = 3;

  // Takes an answer in, its addresses in any order. True when addresses() changed.
  bool Update(std::vector<base::IpAddress> answer);

  // Sorted (IPv4 first, then by value), without duplicates.
  std::vector<base::IpAddress> addresses() const;

 private:
  struct Known {
    base::IpAddress address;
    int misses = 0;
  };

  std::vector<Known> known_;  // sorted
};

}  // namespace fairlead::dns
