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
  enum class Outcome : uint8_t {
    kTurn,
    kTooLate,  // at the rate that is in force now one's turn would come later than anybody waits
  };
  // Told once; the place may be destroyed inside.
  using OnOutcome = absl::AnyInvocable<void(Outcome)>;

  // Somebody's, until it is destroyed: before it is told, that is to leave.
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

  // As UpgradeRates::Take has it, but nobody overtakes: while others wait here, a newcomer does.
  UpgradeTurn Ask(const std::optional<base::IpAddress>& client, base::MonotonicTime now);
  // Waits behind all others. `turn` was asked for, and is for later; `waiting` counts those who wait, and
  // outlives the place.
  std::unique_ptr<Place> Join(const UpgradeTurn& turn, telemetry::Gauge& waiting, OnOutcome on_outcome);

  // The rate may be another one now: who waits does so at this one, or is told that it is too slow.
  void FollowRate();

 private:
  struct Waiter {
    telemetry::Gauge& waiting;
    base::MonotonicTime until;
    OnOutcome on_outcome;
    std::list<Waiter>* in;  // of the three below
  };

  void OnDeadline(base::MonotonicTime now) override;
  void TellFirst(std::list<Waiter>* of, Outcome outcome);
  void ArmForNext();
  void Leave(std::list<Waiter>::iterator at);

  base::DeadlineWheel& deadlines_;
  UpgradeRates& rates_;
  std::list<Waiter> waiting_;          // in the order of arrival
  std::list<Waiter> late_;             // about to be told so
  std::list<Waiter> told_;             // whose places are still there
  std::deque<RateLimit::Turn> turns_;  // of those who wait, the earliest first
};

}  // namespace fairlead::admission
