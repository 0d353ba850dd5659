#include "pkg/apply/status_board.h"

#include <algorithm>
#include <utility>

namespace fairlead::apply {

void StatusBoard::Write(Entry entry) {
  {
    const std::lock_guard lock(mutex_);
    std::swap(entry_, entry);
  }
  // What was in force may be large: it goes outside the lock.
}

void StatusBoard::Refused(const Origin& by, std::string message) {
  const std::lock_guard lock(mutex_);
  last_rejection_ = std::move(message);
  rejected_ = by;
}

void StatusBoard::Accepted(const Origin& by) {
  const std::lock_guard lock(mutex_);
  if (rejected_ == by) last_rejection_.clear();
}

bool StatusBoard::Installed(size_t worker, uint64_t revision) {
  const std::lock_guard lock(mutex_);
  installed_.at(worker) = std::max(installed_.at(worker), revision);
  return *std::min_element(installed_.begin(), installed_.end()) >= revision;
}

Status StatusBoard::status() const {
  const base::WallTime now = clock_->WallNow();
  const std::lock_guard lock(mutex_);
  Status status;
  entry_.ownership.Describe(&status, now);
  status.revision = entry_.in_force.revision;
  status.installed_revision =
      installed_.empty() ? status.revision : *std::min_element(installed_.begin(), installed_.end());
  status.applied_at = entry_.applied_at;
  status.stale = entry_.stale;
  if (entry_.stale) {
    const auto age = std::chrono::duration_cast<base::Duration>(now - entry_.applied_at);
    status.stale_for = std::max(age, base::Duration(0));
  }
  status.last_rejection = last_rejection_;
  status.fleet = entry_.fleet;
  return status;
}

InForce StatusBoard::in_force() const {
  const std::lock_guard lock(mutex_);
  return entry_.in_force;
}

std::vector<RevisionInfo> StatusBoard::revisions() const {
  const std::lock_guard lock(mutex_);
  return entry_.revisions;
}

}  // namespace fairlead::apply
