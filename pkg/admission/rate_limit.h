#pragma once

#include <atomic>
#include <cstdint>
#include <forward_list>
#include <optional>

#include "pkg/base/clock.h"

namespace fairlead::admission {

// So many a second, and as many at once when none came for a second: a token bucket. Turns are numbered, and
// come up at the rate: when it changes, whoever has one keeps it, and waits as the new rate says. Shared by
// all workers without a lock; any thread but for SetRate, which one thread calls.
class RateLimit {
 public:
  using Turn = double;  // a rate that changes leaves a part of one

  // 0 = unlimited: every turn has come up. `now` is of the clock that workers ask with.
  void SetRate(uint32_t per_second, base::MonotonicTime now);

  // One's turn: it has come up or, behind those who have come before, will in at most `patience`. Nothing
  // when that is too soon.
  std::optional<Turn> Reserve(base::MonotonicTime now, base::MonotonicTime::duration patience);
  // The last turn is not used: those who come later have it.
  void GiveBack();

  // The moment at which a turn comes up, or came, at the rate that is in force.
  base::MonotonicTime When(Turn turn) const { return pace_.load(std::memory_order_acquire)->When(turn); }
  // How long so many take who wait.
  base::MonotonicTime::duration TimeOf(uint32_t turns) const;

 private:
  // How turns come up since a rate was set.
  struct Pace {
    base::MonotonicTime since{};
    Turn turn = 0;  // that came up then
    uint32_t per_second = 0;

    Turn At(base::MonotonicTime now) const;
    base::MonotonicTime When(Turn which) const;
  };

  std::forward_list<Pace> paces_{
      Pace()};  // never freed, 32 bytes a change: a worker may be reading a former one
  std::atomic<const Pace*> pace_{&paces_.front()};
  std::atomic<Turn> last_{0};  // that was given
};

}  // namespace fairlead::admission
