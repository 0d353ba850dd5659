#include "pkg/apply/history.h"

#include <algorithm>
#include <utility>

namespace fairlead::apply {

void History::Add(KeptRevision revision) {
  if (const KeptRevision* alike = NewestAlike(revision.etag)) {
    revision.info.source = alike->info.source;
    revision.info.summary = alike->info.summary;
    bytes_ -= alike->config.size();
    kept_.pop_back();
  }
  bytes_ += revision.config.size();
  kept_.push_back(std::move(revision));
  while (kept_.size() > kRevisions || (bytes_ > kBytes && kept_.size() > 1)) {
    bytes_ -= kept_.front().config.size();
    kept_.pop_front();
  }
}

const KeptRevision* History::NewestAlike(const std::string& etag) const {
  return !kept_.empty() && !etag.empty() && kept_.back().etag == etag ? &kept_.back() : nullptr;
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
