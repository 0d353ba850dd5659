#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "pkg/drain/tunnels.h"
#include "pkg/proxy/worker.h"
#include "pkg/snapshot/snapshot.h"

namespace fairlead::app {

// The tunnels of the process, which are those of all workers, for drains. What of a selector no worker can
// judge, the placement, is judged here. Any thread.
class ProcessTunnels final : public drain::Tunnels {
 public:
  using InForce = std::function<std::shared_ptr<const snapshot::Snapshot>()>;

  // The workers outlive this. `in_force`: any thread; null = nothing is yet.
  ProcessTunnels(const std::vector<std::unique_ptr<proxy::Worker>>& workers, InForce in_force)
      : workers_(workers), in_force_(std::move(in_force)) {}

  void Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) override;
  void FindOpen(const std::vector<drain::Member>& members, loop::Loop& loop, Open open) override;
  void Shut(const std::vector<drain::Member>& members, const tunnel::CloseOrder& order) override;
  void Cut(const std::vector<drain::Member>& members, const tunnel::CloseOrder& order) override;

 private:
  const std::vector<std::unique_ptr<proxy::Worker>>& workers_;
  const InForce in_force_;
};

}  // namespace fairlead::app
