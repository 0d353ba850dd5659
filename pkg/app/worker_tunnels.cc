#include "pkg/app/worker_tunnels.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "pkg/app/gathering.h"

namespace fairlead::app {
namespace {

using Rows = std::vector<tunnel::Row>;

// The ids of each worker's part.
std::vector<std::vector<uint64_t>> ByWorker(const std::vector<drain::Member>& members, size_t workers) {
  std::vector<std::vector<uint64_t>> ids(workers);
  for (const drain::Member& member : members) ids[member.worker].push_back(member.id);
  return ids;
}

}  // namespace

void WorkerTunnels::Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) {
  auto gather = [found = std::move(found)](std::vector<Rows> parts) mutable {
    std::vector<drain::Member> members;
    absl::flat_hash_set<uint64_t> seen;  // a worker may list one twice while others close
    for (uint32_t worker = 0; worker < parts.size(); ++worker) {
      for (const tunnel::Row& row : parts[worker]) {
        if (!seen.insert(row.id).second) continue;
        members.push_back({.id = row.id, .worker = worker, .opened_at = row.opened_at, .endpoint = 0});
      }
    }
    found(std::move(members));
  };
  const auto gathering = std::make_shared<Gathering<Rows>>(workers_.size(), loop, std::move(gather));
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->ListTunnels(selector, [gathering, i](Rows rows) { gathering->Add(i, std::move(rows)); });
  }
}

void WorkerTunnels::Shut(const std::vector<drain::Member>& members, const tunnel::CloseOrder& order) {
  auto ids = ByWorker(members, workers_.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].empty()) workers_[i]->CloseTunnels(std::move(ids[i]), /*rate=*/0, order);
  }
}

void WorkerTunnels::Cut(const std::vector<drain::Member>& members, const tunnel::CloseOrder& order) {
  auto ids = ByWorker(members, workers_.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].empty()) workers_[i]->CutTunnels(std::move(ids[i]), order);
  }
}

}  // namespace fairlead::app
