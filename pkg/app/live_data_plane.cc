#include "pkg/app/live_data_plane.h"

#include <utility>

#include "pkg/app/gathering.h"
#include "pkg/app/placements.h"

namespace fairlead::app {
namespace {

using Rows = std::vector<tunnel::Row>;

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
      workers.size(), loop_,
      [this, placement = selector.placement, listed = std::move(listed)](std::vector<Rows> parts) mutable {
        Rows all = Merged(std::move(parts));
        const Placements placements(sources_.in_force());
        for (tunnel::Row& row : all) row.placement = placements.Of(row.at, row.key);
        if (placement) std::erase_if(all, [&](const auto& row) { return row.placement != *placement; });
        listed(std::move(all));
      });
  for (size_t i = 0; i < workers.size(); ++i) {
    workers[i]->ListTunnels(selector, [gathering, i](Rows rows) { gathering->Add(i, std::move(rows)); });
  }
}

void LiveDataPlane::CloseTunnels(tunnel::Selector selector, double rate, tunnel::CloseOrder order,
                                 Selected selected) {
  drain::Plan plan{.cause = drain::Cause::kRequested,
                   .cluster = selector.cluster,
                   .endpoint = selector.endpoint,
                   .route = selector.route,
                   .pace = {.rate = rate},
                   .order = std::move(order),
                   .begun = std::move(selected)};
  plan.who = std::move(selector);
  sources_.housekeeping->Begin(std::move(plan));
}

void LiveDataPlane::StartRebalance(std::string cluster, std::optional<uint32_t> target, bool dry_run,
                                   drain::Rebalances::Answered answered) {
  sources_.housekeeping->Rebalance(std::move(cluster), target, dry_run, std::move(answered));
}

}  // namespace fairlead::app
