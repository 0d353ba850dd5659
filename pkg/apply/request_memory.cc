#include "pkg/apply/request_memory.h"

#include <utility>

namespace fairlead::apply {

const RequestMemory::Known* RequestMemory::Find(const std::string& request_id, base::MonotonicTime now) {
  Forget(now);
  const auto found = entries_.find(request_id);
  return found == entries_.end() ? nullptr : &found->second.known;
}

void RequestMemory::Add(const std::string& request_id, Known known, base::MonotonicTime now) {
  if (!entries_.try_emplace(request_id, Entry{std::move(known), now + kRemembered}).second) return;
  in_order_.push_back(request_id);
  Forget(now);
}

void RequestMemory::Forget(base::MonotonicTime now) {
  while (!in_order_.empty()) {
    const auto oldest = entries_.find(in_order_.front());
    if (entries_.size() <= kMaxRequests && oldest->second.until > now) return;
    entries_.erase(oldest);
    in_order_.pop_front();
  }
}

}  // namespace fairlead::apply
