#include "pkg/app/process_tunnels.h"

#include <utility>

#include "pkg/app/gathering.h"
#include "pkg/app/placements.h"

namespace fairlead::app {
namespace {

using Ids = std::vector<uint64_t>;
using Members = std::vector<drain::Member>;

// The ids of each worker's part.
std::vector<Ids> ByWorker(const Members& members, size_t workers) {
  std::vector<Ids> ids(workers);
  for (const drain::Member& member : members) ids[member.worker].push_back(member.id);
  return ids;
}

}  // namespace

void ProcessTunnels::Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) {
  auto gather = [this, placement = selector.placement,
                 found = std::move(found)](std::vector<Members> parts) mutable {
    Members members = Merged(std::move(parts));
    if (placement) {
      const Placements placements(in_force_());
      std::erase_if(members, [&](const drain::Member& member) {
        return placements.Of(member.at, member.key) != *placement;
      });
    }
    found(std::move(members));
  };
  const auto gathering = std::make_shared<Gathering<Members>>(workers_.size(), loop, std::move(gather));
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->SelectTunnels(selector,
                               [gathering, i](Members part) { gathering->Add(i, std::move(part)); });
  }
}

void ProcessTunnels::FindOpen(const Members& members, loop::Loop& loop, Open open) {
  auto gather = [open = std::move(open)](std::vector<Ids> parts) mutable {
    absl::flat_hash_set<uint64_t> all;
    for (const Ids& part : parts) all.insert(part.begin(), part.end());
    open(std::move(all));
  };
  const auto gathering = std::make_shared<Gathering<Ids>>(workers_.size(), loop, std::move(gather));
  std::vector<Ids> ids = ByWorker(members, workers_.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    workers_[i]->FindOpen(std::move(ids[i]),
                          [gathering, i](Ids part) { gathering->Add(i, std::move(part)); });
  }
}

void ProcessTunnels::Shut(const Members& members, const tunnel::CloseOrder& order) {
  std::vector<Ids> ids = ByWorker(members, workers_.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].empty()) workers_[i]->ShutTunnels(std::move(ids[i]), order);
  }
}

void ProcessTunnels::Cut(const Members& members, const tunnel::CloseOrder& order) {
  std::vector<Ids> ids = ByWorker(members, workers_.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].empty()) workers_[i]->CutTunnels(std::move(ids[i]), order);
  }
}

}  // namespace fairlead::app
