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
  // Those that nobody has shut here.
  size_t open() const { return open_; }
  // Shuts that many of those, chosen at random, or all there are.
  void ShutSome(size_t count, const tunnel::CloseOrder& order);
  // Shuts those of these that are still open.
  void Shut(const absl::flat_hash_set<uint64_t>& ids, const tunnel::CloseOrder& order);
  // Ends those of these that have not gone, those too that are still taking leave.
  void Cut(const absl::flat_hash_set<uint64_t>& ids, const tunnel::CloseOrder& order);
  // Ends all, those too that are still taking leave.
  void CutAll(const tunnel::CloseOrder& order);

  // Appends the id of each that fits, step by step like ListBelow.
  size_t SelectBelow(size_t end, size_t count, const tunnel::Selector& selector,
                     std::vector<uint64_t>* ids) const;
  // Appends a row for each that fits among at most `count` places below `end`, and returns where it stopped:
  // 0 when it is through. Going down from size() by steps misses none that stays open meanwhile and is not
  // shut, but may see one twice: when a tunnel closes, one from above takes its place.
  size_t ListBelow(size_t end, size_t count, const tunnel::Selector& selector,
                   std::vector<tunnel::Row>* rows) const;

  // Called each time that a tunnel has closed.
  void SetOnClosed(absl::AnyInvocable<void()> on_closed) { on_closed_ = std::move(on_closed); }

 private:
  void OnTunnelClosed(tunnel::Tunnel& tunnel) override;
  bool Fits(const tunnel::Tunnel& tunnel, const tunnel::Selector& selector) const;
  void Swap(size_t one, size_t other);
  void ShutAt(size_t index, const tunnel::CloseOrder& order);

  loop::Loop& loop_;
  const base::Clock& clock_;
  base::Random& random_;
  telemetry::WorkerStats& stats_;
  telemetry::AccessLog* const access_log_;
  tunnel::Environment environment_;
  std::vector<std::unique_ptr<tunnel::Tunnel>> tunnels_;  // those behind the first open_ have been shut
  size_t open_ = 0;
  absl::AnyInvocable<void()> on_closed_;
};

}  // namespace fairlead::proxy
