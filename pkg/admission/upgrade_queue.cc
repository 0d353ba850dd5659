#include "pkg/admission/upgrade_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead::admission {
namespace {

// Each connects to a backend, and open tunnels must not wait long for that. A tick is 100 ms: 10,000 a
// second.
constexpr int kMaxTurnsPerTick = 1000;

}  // namespace

UpgradeTurn UpgradeQueue::Ask(const std::optional<base::IpAddress>& client, base::MonotonicTime now) {
  UpgradeTurn turn = rates_.Take(client, now);
  if (turn.verdict == UpgradeTurn::Verdict::kNow && !waiting_.empty()) {
    turn.verdict = UpgradeTurn::Verdict::kLater;
  }
  return turn;
}

std::unique_ptr<UpgradeQueue::Place> UpgradeQueue::Join(const UpgradeTurn& turn, telemetry::Gauge& waiting,
                                                        OnOutcome on_outcome) {
  // A turn that others gave back may come before the last one here: whoever waits longest has it.
  turns_.insert(std::upper_bound(turns_.begin(), turns_.end(), turn.turn), turn.turn);
  waiting_.push_back(
      {.waiting = waiting, .until = turn.until, .on_outcome = std::move(on_outcome), .in = &waiting_});
  waiting.Increment();
  ArmForNext();
  return std::make_unique<Place>(*this, std::prev(waiting_.end()));
}

void UpgradeQueue::FollowRate() {
  // Those behind one who is too late move up before they are looked at.
  auto turn = turns_.begin();
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto next = std::next(at);
    if (rates_.When(*turn) > at->until) {
      at->in = &late_;
      late_.splice(late_.end(), waiting_, at);
      rates_.GiveBack();
    } else {
      ++turn;
    }
    at = next;
  }
  turns_.erase(turn, turns_.end());
  while (!late_.empty()) TellFirst(&late_, Outcome::kTooLate);
  ArmForNext();
}

void UpgradeQueue::OnDeadline(base::MonotonicTime now) {
  for (int i = 0; i < kMaxTurnsPerTick && !turns_.empty() && rates_.When(turns_.front()) <= now; ++i) {
    turns_.pop_front();
    TellFirst(&waiting_, Outcome::kTurn);
  }
  ArmForNext();
}

void UpgradeQueue::TellFirst(std::list<Waiter>* of, Outcome outcome) {
  told_.splice(told_.end(), *of, of->begin());
  Waiter& first = told_.back();
  first.in = &told_;
  first.waiting.Decrement();
  OnOutcome on_outcome = std::move(first.on_outcome);
  on_outcome(outcome);
}

void UpgradeQueue::ArmForNext() {
  if (!turns_.empty()) deadlines_.Arm(*this, rates_.When(turns_.front()));
}

void UpgradeQueue::Leave(std::list<Waiter>::iterator at) {
  if (at->in != &told_) at->waiting.Decrement();
  if (at->in == &waiting_) {
    turns_.pop_back();
    rates_.GiveBack();
  }
  at->in->erase(at);
}

}  // namespace fairlead::admission
