#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "pkg/apply/ownership.h"
#include "pkg/apply/status.h"
#include "pkg/base/clock.h"

namespace fairlead::apply {

// Where the apply thread writes down how things are, for whoever asks. Any thread.
class StatusBoard {
 public:
  // What the apply thread knows.
  struct Entry {
    InForce in_force = {};
    Ownership ownership;
    base::WallTime applied_at = {};
    bool stale = false;  // since applied_at
    FleetMark fleet = {};
    std::vector<RevisionInfo> revisions = {};  // the newest first
  };

  StatusBoard(size_t workers, config::Owner owner, const base::Clock* clock)
      : clock_(clock), entry_{.ownership = Ownership(owner)}, installed_(workers, 0) {}

  void Write(Entry entry);
  // A change was refused.
  void Refused(const Origin& by, std::string message);
  // One was applied: what the same party was refused last is then of no interest any more.
  void Accepted(const Origin& by);
  // Whether every worker runs that revision, or a later one.
  bool Installed(size_t worker, uint64_t revision);

  Status status() const;
  InForce in_force() const;
  std::vector<RevisionInfo> revisions() const;

 private:
  const base::Clock* const clock_;
  mutable std::mutex mutex_;
  Entry entry_;
  std::string last_rejection_;
  Origin rejected_;                  // who brought that
  std::vector<uint64_t> installed_;  // by worker
};

}  // namespace fairlead::apply
