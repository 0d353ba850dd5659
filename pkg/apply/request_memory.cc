#include "pkg/apply/request_memory.h"

#include <utility>

namespace fairlead::apply {
namespace {

size_t BytesOf(const RequestMemory::Known& known) {
  size_t bytes = sizeof(known) + known.fingerprint.size() + known.answer.message.size();
  for (const config::Violation& violation : known.answer.violations) {
    bytes += sizeof(violation) + violation.path.size() + violation.problem.size() + violation.remedy.size();
  }
  return bytes;
}

}  // namespace

const RequestMemory::Known* RequestMemory::Find(const std::string& request_id, base::MonotonicTime now) {
  Forget(now);
  const auto found = entries_.find(request_id);
  return found == entries_.end() ? nullptr : &found->second.known;
}

void RequestMemory::Add(const std::string& request_id, Known known, base::MonotonicTime now) {
  size_t bytes = 2 * request_id.size() + BytesOf(known);
  if (known.answer.impact && known.answer.impact != last_impact_) bytes += BytesOf(*known.answer.impact);
  last_impact_ = known.answer.impact;
  if (!entries_.try_emplace(request_id, Entry{std::move(known), now + kRemembered, bytes}).second) return;
  in_order_.push_back(request_id);
  bytes_ += bytes;
  Forget(now);
}

void RequestMemory::Forget(base::MonotonicTime now) {
  while (!in_order_.empty()) {
    const auto oldest = entries_.find(in_order_.front());
    const bool fits = entries_.size() <= kMaxRequests && bytes_ <= kMaxBytes;
    if (fits && oldest->second.until > now) return;
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
    in_order_.pop_front();
  }
}

}  // namespace fairlead::apply
