#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "pkg/base/clock.h"

namespace fairlead::base {

// Coarse deadlines for very many objects: a hashed timing wheel (Varghese and Lauck, 1987) of 100 ms ticks.
//
// Meant for timeouts that hardly ever fire. Whoever sees activity does not touch the wheel: it notes the
// time, and when its old deadline comes up it arms itself again for what is left. Deadlines fire at most one
// tick late, never early.
//
// One thread. Costs an armed entry two pointers, its deadline and a vtable; arming and disarming are O(1).
class DeadlineWheel {
  // Where an entry hangs; its members are the wheel's own.
  struct Link {
    Link* prev = nullptr;
    Link* next = nullptr;
    MonotonicTime deadline;
    void Unlink();
  };

 public:
  static constexpr Duration kTick{100};

  // Derive from it, or hold one that does. Destruction disarms.
  class Entry : public Link {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // Called by the wheel. The entry is no longer armed then; it may arm itself again, and destroy itself or
    // others.
    virtual void OnDeadline(MonotonicTime now) = 0;

    void Disarm();
    bool armed() const { return next != nullptr; }

   protected:
    ~Entry() { Disarm(); }
  };

  explicit DeadlineWheel(MonotonicTime now);
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  // Arms, or moves, the entry's deadline. One in the past fires at the next Advance over a tick.
  void Arm(Entry& entry, MonotonicTime deadline);

  // Fires what is due.
  void Advance(MonotonicTime now);

  // No entry is due before this moment; nothing when no entry is armed. It may be earlier than the first
  // deadline.
  std::optional<MonotonicTime> NextDue() const;

 private:
  static constexpr int64_t kSlots =
      1024;  // 102 s a turn; what is further away stays in its slot for another turn

  static int64_t TickAtOrAfter(MonotonicTime time);
  void Insert(Entry& entry);
  void FireSlot(Link& slot, MonotonicTime now);

  std::array<Link, kSlots> slots_;
  int64_t current_;       // the last tick that was fired
  int64_t next_due_ = 0;  // no entry is due before this tick; kNever when none is armed
};

}  // namespace fairlead::base
