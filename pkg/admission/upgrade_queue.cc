#include "pkg/admission/upgrade_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead::admission {

std::unique_ptr<UpgradeQueue::Place> UpgradeQueue::Join(base::MonotonicTime turn, telemetry::Gauge& waiting,
                                                        OnTurn on_turn) {
  // A turn that others gave back may come before the last one here: whoever waits longest has it.
  turns_.insert(std::upper_bound(turns_.begin(), turns_.end(), turn), turn);
  waiting_.push_back({.waiting = waiting, .on_turn = std::move(on_turn)});
  waiting.Increment();
  deadlines_.Arm(*this, turns_.front());
  return std::make_unique<Place>(*this, std::prev(waiting_.end()));
}

void UpgradeQueue::OnDeadline(base::MonotonicTime now) {
  while (!turns_.empty() && turns_.front() <= now) {
    turns_.pop_front();
    served_.splice(served_.end(), waiting_, waiting_.begin());
    Waiter& next = served_.back();
    next.served = true;
    next.waiting.Decrement();
    OnTurn on_turn = std::move(next.on_turn);
    on_turn();
  }
  if (!turns_.empty()) deadlines_.Arm(*this, turns_.front());
}

void UpgradeQueue::Leave(std::list<Waiter>::iterator at) {
  if (at->served) {
    served_.erase(at);
    return;
  }
  at->waiting.Decrement();
  waiting_.erase(at);
  turns_.pop_back();
  rates_.GiveBack();
}

}  // namespace fairlead::admission
