#pragma once

#include <deque>
#include <list>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "pkg/admission/upgrade_rates.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/telemetry/instruments.h"

namespace fairlead::admission {

// The upgrades of a listener that wait at one worker for their turns: served in the order in which they came.
// Who leaves makes room: those behind move up, and the last turn goes back to all workers. One thread.
class UpgradeQueue final : private base::DeadlineWheel::Entry {
  struct Waiter;

 public:
  // Called once, at one's turn; the place may be destroyed inside.
  using OnTurn = absl::AnyInvocable<void()>;

  // Somebody's, until it is destroyed: before the turn that is to leave.
  class Place {
   public:
    Place(UpgradeQueue& queue, std::list<Waiter>::iterator at) : queue_(queue), at_(at) {}
    ~Place() { queue_.Leave(at_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    UpgradeQueue& queue_;
    const std::list<Waiter>::iterator at_;
  };

  // Both outlive it, and it every place.
  UpgradeQueue(base::DeadlineWheel& deadlines, UpgradeRates& rates) : deadlines_(deadlines), rates_(rates) {}

  // Waits behind all others with a turn that UpgradeRates gave for later. `waiting` counts those who wait,
  // and outlives the place.
  std::unique_ptr<Place> Join(base::MonotonicTime turn, telemetry::Gauge& waiting, OnTurn on_turn);

 private:
  struct Waiter {
    telemetry::Gauge& waiting;
    OnTurn on_turn;
    bool served = false;
  };

  void OnDeadline(base::MonotonicTime now) override;
  void Leave(std::list<Waiter>::iterator at);

  base::DeadlineWheel& deadlines_;
  UpgradeRates& rates_;
  std::list<Waiter> waiting_;              // in the order of arrival
  std::list<Waiter> served_;               // whose places are still there
  std::deque<base::MonotonicTime> turns_;  // of those who wait, the earliest first
};

}  // namespace fairlead::admission
