#include "pkg/app/worker_tunnels.h"

#include <utility>

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

void WorkerTunnels::Find(const tunnel::Selector& selector, Found found) {
  auto gather = [found = std::move(found)](std::vector<Rows> parts) mutable {
    std::vector<drain::Member> members;
    for (uint32_t worker = 0; worker < parts.size(); ++worker) {
      for (const tunnel::Row& row : parts[worker]) {
        members.push_back({.id = row.id, .worker = worker, .opened_at = row.opened_at, .endpoint = 0});
      }
    }
    found(std::move(members));
  };
  const auto gathering =
      std::make_shared<Gathering<Rows>>(workers_.size(), /*loop=*/nullptr, std::move(gather));
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
