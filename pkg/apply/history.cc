#include "pkg/apply/history.h"

#include <algorithm>
#include <utility>

namespace fairlead::apply {

void History::Add(KeptRevision revision) {
  bytes_ += revision.config.size();
  kept_.push_back(std::move(revision));
  while (kept_.size() > kRevisions || (bytes_ > kBytes && kept_.size() > 1)) {
    bytes_ -= kept_.front().config.size();
    kept_.pop_front();
  }
}

const KeptRevision* History::Find(uint64_t revision) const {
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [&](const KeptRevision& kept) { return kept.info.revision == revision; });
  return found == kept_.end() ? nullptr : &*found;
}

std::vector<RevisionInfo> History::List() const {
  std::vector<RevisionInfo> list;
  for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept) list.push_back(kept->info);
  return list;
}

}  // namespace fairlead::apply
