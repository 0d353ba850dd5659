#include "pkg/dns/address_history.h"

#include <algorithm>
#include <utility>

namespace fairlead::dns {
namespace {

bool Before(const base::IpAddress& a, const base::IpAddress& b) {
  if (a.is_v4() != b.is_v4()) return a.is_v4();
  return a.bytes() < b.bytes();
}

}  // namespace

bool AddressHistory::Update(std::vector<base::IpAddress> answer) {
  std::sort(answer.begin(), answer.end(), Before);
  answer.erase(std::unique(answer.begin(), answer.end()), answer.end());
  bool changed = false;
  std::vector<Known> merged;
  auto known = known_.begin();
  const auto miss = [&](Known& missing) {
    if (++missing.misses < kMissesToDrop) {
      merged.push_back(missing);
    } else {
      changed = true;
    }
  };
  for (const base::IpAddress& address : answer) {
    while (known != known_.end() && Before(known->address, address)) miss(*known++);
    if (known != known_.end() && known->address == address) {
      ++known;
    } else {
      changed = true;
    }
    merged.push_back({.address = address});
  }
  while (known != known_.end()) miss(*known++);
  known_ = std::move(merged);
  return changed;
}

std::vector<base::IpAddress> AddressHistory::addresses() const {
  std::vector<base::IpAddress> addresses;
  addresses.reserve(known_.size());
  for (const Known& known : known_) addresses.push_back(known.address);
  return addresses;
}

}  // namespace fairlead::dns
