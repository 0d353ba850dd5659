#include "pkg/endpoint/ejections.h"

#include <algorithm>

#include "pkg/endpoint/endpoint.h"

namespace fairlead::endpoint {

Ejections::Answer Ejections::Eject(const std::shared_ptr<Endpoint>& endpoint,
                                   absl::FunctionRef<Census()> count, const EjectionRules& rules,
                                   base::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  Forget(now);
  if (endpoint->condition().ejected) return Answer::kAwayAlready;
  const Census census = count();
  if ((census.ejected + 1) * 100 > census.members * rules.max_percent) return Answer::kTooManyAway;
  Record& record = Find(endpoint);
  if (record.times > 0) {
    const int64_t forgiven = std::max<int64_t>((now - record.until) / record.forgiveness, 0);
    record.times -= static_cast<uint32_t>(std::min<int64_t>(record.times, forgiven));
  }
  ++record.times;
  record.forgiveness = rules.first;
  record.until = now + std::min(rules.first * record.times, rules.longest);
  record.away = true;
  away_.fetch_add(1, std::memory_order_relaxed);
  endpoint->SetEjected(true);
  return Answer::kEjected;
}

void Ejections::Return(base::MonotonicTime now) {
  if (empty()) return;
  const std::lock_guard lock(mutex_);
  for (Record& record : records_) {
    if (record.away && now >= record.until) LetReturn(record);
  }
}

void Ejections::ReturnAll() {
  const std::lock_guard lock(mutex_);
  for (Record& record : records_) {
    if (record.away) LetReturn(record);
    if (const std::shared_ptr<Endpoint> endpoint = record.endpoint.lock()) endpoint->SetFailures(0);
  }
  records_.clear();
}

// Those that are gone, and those whose last ejection is forgiven.
void Ejections::Forget(base::MonotonicTime now) {
  std::erase_if(records_, [&](Record& record) {
    const bool gone = record.endpoint.expired();
    if (gone && record.away) LetReturn(record);
    return gone || (!record.away && now - record.until >= record.forgiveness * record.times);
  });
}

Ejections::Record& Ejections::Find(const std::shared_ptr<Endpoint>& endpoint) {
  const auto found = std::find_if(records_.begin(), records_.end(), [&](const Record& record) {
    return !record.endpoint.owner_before(endpoint) && !endpoint.owner_before(record.endpoint);
  });
  if (found != records_.end()) return *found;
  records_.push_back({.endpoint = endpoint, .until = {}, .forgiveness = {}, .times = 0, .away = false});
  return records_.back();
}

void Ejections::LetReturn(Record& record) {
  record.away = false;
  away_.fetch_sub(1, std::memory_order_relaxed);
  if (const std::shared_ptr<Endpoint> endpoint = record.endpoint.lock()) endpoint->SetEjected(false);
}

}  // namespace fairlead::endpoint
