#include "pkg/app/live_data_plane.h"

#include <algorithm>
#include <utility>

#include "pkg/app/gathering.h"

namespace fairlead::app {
namespace {

using Ids = std::vector<uint64_t>;
using Rows = std::vector<tunnel::Row>;

// In order and each once: a worker may see one twice while others close.
void Deduplicate(Rows* rows) {
  std::sort(rows->begin(), rows->end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const auto same = [](const auto& a, const auto& b) { return a.id == b.id; };
  rows->erase(std::unique(rows->begin(), rows->end(), same), rows->end());
}

void Deduplicate(Ids* ids) {
  std::sort(ids->begin(), ids->end());
  ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
}

}  // namespace

LiveDataPlane::LiveDataPlane(Sources sources)
    : sources_(std::move(sources)), thread_([this] { loop_.Run(); }) {}

LiveDataPlane::~LiveDataPlane() {
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
}

control::ProcessStatus LiveDataPlane::GetStatus() const {
  const absl::Status ready = sources_.ready();
  int64_t tunnels = 0;
  for (const auto& [labels, total] : sources_.stats->routes().Sums()) {
    for (const telemetry::Gauge& gauge : total->open_tunnels) tunnels += gauge.value();
  }
  return {.version = sources_.version,
          .started_at = sources_.started_at,
          .ready = ready.ok(),
          .not_ready_reason = std::string(ready.message()),
          .open_tunnels = tunnels,
          .open_connections = sources_.connections->taken(),
          .draining = sources_.process->draining(),
          .drained = sources_.drained()};
}

void LiveDataPlane::ListTunnels(tunnel::Selector selector, Listed listed) {
  const auto& workers = *sources_.workers;
  const auto gathering = std::make_shared<Gathering<Rows>>(
      workers.size(), loop_, [listed = std::move(listed)](std::vector<Rows> parts) mutable {
        Rows all = std::move(parts.front());
        for (size_t i = 1; i < parts.size(); ++i) {
          all.insert(all.end(), std::make_move_iterator(parts[i].begin()),
                     std::make_move_iterator(parts[i].end()));
        }
        Deduplicate(&all);
        listed(std::move(all));
      });
  for (size_t i = 0; i < workers.size(); ++i) {
    workers[i]->ListTunnels(selector, [gathering, i](Rows rows) { gathering->Add(i, std::move(rows)); });
  }
}

void LiveDataPlane::CloseTunnels(tunnel::Selector selector, double rate, tunnel::CloseOrder order,
                                 Selected selected) {
  const auto& workers = *sources_.workers;
  auto close = [&workers, rate, order = std::move(order),
                selected = std::move(selected)](std::vector<Ids> parts) mutable {
    size_t total = 0;
    for (Ids& ids : parts) {
      Deduplicate(&ids);
      total += ids.size();
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      // Each worker at a rate by its share, so that all are through at the same time.
      const double share = static_cast<double>(parts[i].size()) / static_cast<double>(total);
      if (!parts[i].empty()) workers[i]->CloseTunnels(std::move(parts[i]), rate * share, order);
    }
    selected(static_cast<int64_t>(total));
  };
  const auto gathering = std::make_shared<Gathering<Ids>>(workers.size(), loop_, std::move(close));
  for (size_t i = 0; i < workers.size(); ++i) {
    workers[i]->SelectTunnels(selector, [gathering, i](Ids ids) { gathering->Add(i, std::move(ids)); });
  }
}

}  // namespace fairlead::app
