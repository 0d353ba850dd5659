#include "pkg/base/deadline_wheel.h"

#include <algorithm>
#include <limits>

namespace fairlead::base {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

void DeadlineWheel::Link::Unlink() {
  prev->next = next;
  next->prev = prev;
  prev = next = nullptr;
}

void DeadlineWheel::Entry::Disarm() {
  if (armed()) Unlink();
}

DeadlineWheel::DeadlineWheel(MonotonicTime now) : current_(TickAtOrAfter(now) - 1), next_due_(kNever) {
  for (Link& slot : slots_) slot.prev = slot.next = &slot;
}

int64_t DeadlineWheel::TickAtOrAfter(MonotonicTime time) {
  const auto since = time.time_since_epoch();
  const auto ticks = since / kTick;
  return since > ticks * kTick ? ticks + 1 : ticks;
}

void DeadlineWheel::Arm(Entry& entry, MonotonicTime deadline) {
  entry.Disarm();
  entry.deadline = deadline;
  Insert(entry);
}

void DeadlineWheel::Insert(Entry& entry) {
  const int64_t tick = std::max(TickAtOrAfter(entry.deadline), current_ + 1);
  Link& slot = slots_[tick % kSlots];
  Link& link = entry;
  link.prev = slot.prev;
  link.next = &slot;
  slot.prev->next = &link;
  slot.prev = &link;
  next_due_ = std::min(next_due_, tick);
}

void DeadlineWheel::Advance(MonotonicTime now) {
  // A tick is fired when its moment has come, so that nothing fires early.
  const int64_t last = TickAtOrAfter(now + std::chrono::nanoseconds(1)) - 1;
  if (last < next_due_) {
    current_ = std::max(current_, last);
    return;
  }
  const int64_t first =
      std::max(current_ + 1, last - kSlots + 1);  // after a long sleep every slot once is enough
  current_ = last;
  next_due_ = kNever;
  for (int64_t tick = first; tick <= last; ++tick) FireSlot(slots_[tick % kSlots], now);
  for (int64_t tick = last + 1; tick < std::min(next_due_, last + 1 + kSlots); ++tick) {
    const Link& slot = slots_[tick % kSlots];
    if (slot.next != &slot) {
      next_due_ = tick;
      break;
    }
  }
}

void DeadlineWheel::FireSlot(Link& slot, MonotonicTime now) {
  if (slot.next == &slot) return;
  // Taken off as a whole, so that what is armed meanwhile waits for its own turn. The list stays linked to a
  // head on the stack: entries that are destroyed by another's callback unlink themselves from it.
  Link due;
  due.next = slot.next;
  due.prev = slot.prev;
  due.next->prev = &due;
  due.prev->next = &due;
  slot.prev = slot.next = &slot;
  while (due.next != &due) {
    Entry& entry = static_cast<Entry&>(*due.next);
    entry.Disarm();
    if (entry.deadline <= now) {
      entry.OnDeadline(now);
    } else {
      Insert(entry);
    }
  }
}

std::optional<MonotonicTime> DeadlineWheel::NextDue() const {
  if (next_due_ == kNever) return std::nullopt;
  return MonotonicTime(next_due_ * kTick);
}

}  // namespace fairlead::base
