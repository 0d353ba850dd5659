#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "pkg/base/clock.h"
#include "pkg/base/random.h"
#include "pkg/tunnel/listing.h"

namespace fairlead::drain {

// Who is told first.
enum class Order : uint8_t {
  kRandom,
  kOldest,
  kNewest,
  kEvenly,  // one of each endpoint in turn, at random within each
};

// How fast a set of tunnels is let go. Where both a rate and a share are given, the slower one counts.
struct Pace {
  double rate = 0;              // tunnels a second; 0 = as fast as can be
  double share = 0;             // of the set, a second, 0 to 1; 0 = as fast as can be
  bool even = false;            // over the time until `notice` before the deadline; no rate counts then
  uint32_t jitter_percent = 0;  // of the time between two, by how much each may come early or late; 0 to 100
  // From the beginning, pauses not counted: when it has passed, who has not gone is overdue. It beats the
  // rate: all have been told `notice` before. Zero = never.
  base::Duration deadline{0};
  base::Duration notice{5000};
  Order order = Order::kRandom;
};

// A tunnel of the set.
using Member = tunnel::Brief;

enum class State : uint8_t {
  kRunning,
  kPaused,
  kCancelled,  // who was told goes, the others stay
  kDone,       // all have gone
};

constexpr bool IsOver(State state) {
  return state == State::kCancelled || state == State::kDone;
}

struct Progress {
  State state = State::kRunning;
  size_t total = 0;  // without those that were excused
  size_t told = 0;
  size_t gone = 0;

  bool operator==(const Progress&) const = default;
};

// One set of tunnels that is let go. One thread.
class Drain {
 public:
  Drain(const Pace& pace, std::vector<Member> members, base::Random& random, base::MonotonicTime now);

  // Tunnels a second; 0 = as fast as can be.
  double rate() const { return rate_; }
  // Whom to tell now, each one once. None while paused, or once cancelled.
  std::vector<Member> TakeDue(base::MonotonicTime now);
  // Whether the deadline has passed: whoever has not gone is to be cut.
  bool Overdue(base::MonotonicTime now) const;
  // Until then; nothing = there is none.
  std::optional<base::Duration> TimeLeft(base::MonotonicTime now) const;

  // Those of the set that have neither gone nor, when cancelled, may stay.
  std::vector<Member> Waiting() const;
  // Those of them that have been told.
  std::vector<Member> Leaving() const;
  // What was found still open of Waiting(), also of one that is cancelled; the others have gone, by
  // themselves or not.
  void Retain(const absl::flat_hash_set<uint64_t>& open);

  // Those that may stay after all are of the set no more. Each that has not been told is asked, in the order
  // of their turns.
  void Excuse(absl::FunctionRef<bool(const Member&)> may_stay);

  // A pause stops the clock, too. Nothing happens to one that is over.
  void Pause(base::MonotonicTime now);
  void Resume(base::MonotonicTime now);
  void Cancel();

  Progress progress() const;
  bool over() const { return IsOver(state_); }

 private:
  base::Duration Elapsed(base::MonotonicTime now) const;
  void Schedule(base::Random& random);

  const Pace pace_;
  const double rate_;
  size_t total_;
  std::vector<Member> members_;          // those that have not gone, in the order in which they are told
  std::vector<base::Duration> moments_;  // when each is told, since the beginning
  size_t staying_ = 0;                   // those who had not been told when it was cancelled
  size_t told_ = 0;                      // the first of members_
  size_t told_ever_ = 0;
  State state_ = State::kRunning;
  base::MonotonicTime began_;  // later by each pause that is over
  base::MonotonicTime paused_at_;
};

}  // namespace fairlead::drain
