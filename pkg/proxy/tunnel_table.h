#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/base/random.h"
#include "pkg/loop/loop.h"
#include "pkg/telemetry/access_log.h"
#include "pkg/telemetry/worker_stats.h"
#include "pkg/tunnel/close_order.h"
#include "pkg/tunnel/listing.h"
#include "pkg/tunnel/tunnel.h"
#include "pkg/websocket/rules.h"

namespace fairlead::proxy {

// The open tunnels of a worker: keeps them, and logs and buries each when it has closed. One thread.
class TunnelTable final : private tunnel::Owner {
 public:
  // `access_log` may be null. All references outlive this.
  TunnelTable(loop::Loop& loop, const base::Clock& clock, base::Random& random, telemetry::WorkerStats& stats,
              telemetry::AccessLog* access_log);
  ~TunnelTable();

  // Takes the tunnel over and starts it. `rules` of a WebSocket; null = any other tunnel.
  void Open(tunnel::Parts parts, std::shared_ptr<const websocket::Rules> rules,
            const tunnel::EarlyData& early);

  size_t size() const { return tunnels_.size(); }
  // Shuts those of these that are still open. Who has been shut before goes as he was told then.
  void Shut(const absl::flat_hash_set<uint64_t>& ids, const tunnel::CloseOrder& order);
  // Ends those of these that have not gone, those too that are still taking leave.
  void Cut(const absl::flat_hash_set<uint64_t>& ids, const tunnel::CloseOrder& order);
  // Ends all, those too that are still taking leave.
  void CutAll(const tunnel::CloseOrder& order);

  // Those of these that have not gone, those too that are still taking leave.
  std::vector<uint64_t> StillOpen(const absl::flat_hash_set<uint64_t>& ids) const;
  // Appends each that fits, step by step like ListBelow.
  size_t SelectBelow(size_t end, size_t count, const tunnel::Selector& selector,
                     std::vector<tunnel::Brief>* selected) const;
  // Appends a row for each that fits among at most `count` places below `end`, and returns where it stopped:
  // 0 when it is through. Going down from size() by steps misses none that stays open meanwhile, but may see
  // one twice: when a tunnel closes, the last takes its place.
  size_t ListBelow(size_t end, size_t count, const tunnel::Selector& selector,
                   std::vector<tunnel::Row>* rows) const;

  // Called each time that a tunnel has closed.
  void SetOnClosed(absl::AnyInvocable<void()> on_closed) { on_closed_ = std::move(on_closed); }

 private:
  void OnTunnelClosed(tunnel::Tunnel& tunnel) override;
  bool Fits(const tunnel::Tunnel& tunnel, const tunnel::Selector& selector) const;

  loop::Loop& loop_;
  const base::Clock& clock_;
  telemetry::WorkerStats& stats_;
  telemetry::AccessLog* const access_log_;
  tunnel::Environment environment_;
  std::vector<std::unique_ptr<tunnel::Tunnel>> tunnels_;
  absl::AnyInvocable<void()> on_closed_;
};

}  // namespace fairlead::proxy
