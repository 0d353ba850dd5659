#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "pkg/apply/state.h"

namespace fairlead::apply {

// The newest revisions, to return to. Apply thread.
class History {
 public:
  static constexpr size_t kRevisions = 32;
  // Of large configurations fewer are kept, but always the newest.
  static constexpr size_t kBytes = 64 << 20;

  // Newer than all before it. Takes the place of the newest one when that is the same configuration.
  void Add(KeptRevision revision);

  // The newest one when it has that etag, and with it the same configuration but for endpoints of clusters
  // with API membership. Null when not. Until the next Add.
  const KeptRevision* NewestAlike(const std::string& etag) const;

  // Null when it is not kept (any more). Until the next Add.
  const KeptRevision* Find(uint64_t revision) const;
  // The newest first.
  std::vector<RevisionInfo> List() const;

 private:
  std::deque<KeptRevision> kept_;  // the newest last
  size_t bytes_ = 0;
};

}  // namespace fairlead::apply
