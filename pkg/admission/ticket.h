#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "pkg/admission/budget.h"
#include "pkg/telemetry/listener_stats.h"

namespace fairlead::admission {

// A client connection's place: counted against its listener's budget and in its listener's metrics for
// exactly as long as this lives. It goes with the connection from the handshake into the tunnel. Move-only;
// one worker's thread.
class Ticket {
 public:
  // Nothing when the budget has no place.
  static std::optional<Ticket> Take(const std::shared_ptr<Budget>& budget,
                                    const telemetry::ListenerStatsRef& stats) {
    if (!budget->TryTake()) return std::nullopt;
    return Ticket(budget, stats.Share());
  }

  Ticket(Ticket&&) noexcept = default;
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket() {
    if (!budget_) return;
    stats_->ConnectionClosed();
    budget_->GiveBack();
  }

  telemetry::ListenerStats& stats() const { return *stats_; }

 private:
  Ticket(std::shared_ptr<Budget> budget, telemetry::ListenerStatsRef stats)
      : budget_(std::move(budget)), stats_(std::move(stats)) {
    stats_->ConnectionOpened();
  }

  std::shared_ptr<Budget> budget_;
  telemetry::ListenerStatsRef stats_;
};

}  // namespace fairlead::admission
