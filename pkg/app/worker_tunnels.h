#pragma once

#include <memory>
#include <vector>

#include "pkg/drain/tunnels.h"
#include "pkg/proxy/worker.h"

namespace fairlead::app {

// The tunnels of all workers, for drains. Any thread.
class WorkerTunnels final : public drain::Tunnels {
 public:
  // The workers outlive this.
  explicit WorkerTunnels(const std::vector<std::unique_ptr<proxy::Worker>>& workers) : workers_(workers) {}

  void Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) override;
  void FindOpen(const std::vector<drain::Member>& members, loop::Loop& loop, Open open) override;
  void Shut(const std::vector<drain::Member>& members, const tunnel::CloseOrder& order) override;
  void Cut(const std::vector<drain::Member>& members, const tunnel::CloseOrder& order) override;

 private:
  const std::vector<std::unique_ptr<proxy::Worker>>& workers_;
};

}  // namespace fairlead::app
