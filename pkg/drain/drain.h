#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "pkg/base/clock.h"
#include "pkg/base/random.h"

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
  uint32_t jitter_percent = 0;  // of the time between two, by how much each may come early or late; 0 to 100
  // From the beginning, pauses not counted: when it has passed, who has not gone is overdue. It beats the
  // rate: all have been told `notice` before. Zero = never.
  base::Duration deadline{0};
  base::Duration notice{5000};
  Order order = Order::kRandom;
};

// A tunnel of the set.
struct Member {
  uint64_t id = 0;
  uint32_t worker = 0;  // where it is
  base::WallTime opened_at;
  uint32_t endpoint = 0;  // tells those of one endpoint from others

  bool operator==(const Member&) const = default;
};

enum class State : uint8_t {
  kRunning,
  kPaused,
  kCancelled,  // who was told goes, the others stay
  kDone,       // all have gone
};

struct Progress {
  State state = State::kRunning;
  size_t total = 0;
  size_t told = 0;
  size_t gone = 0;
};

// One set of tunnels that is let go. One thread.
class Drain {
 public:
  Drain(const Pace& pace, std::vector<Member> members, base::Random& random, base::MonotonicTime now);

  // Whom to tell now, each one once. None while paused, or once cancelled.
  std::vector<Member> TakeDue(base::MonotonicTime now);
  // Whether the deadline has passed: whoever has not gone is to be cut.
  bool Overdue(base::MonotonicTime now) const;

  // Those of the set that have neither gone nor, when cancelled, may stay.
  std::vector<Member> Waiting() const;
  // What was found still open of Waiting(); the others have gone, by themselves or not.
  void Retain(const absl::flat_hash_set<uint64_t>& open);

  // A pause stops the clock, too. Nothing happens to one that is over.
  void Pause(base::MonotonicTime now);
  void Resume(base::MonotonicTime now);
  void Cancel();

  Progress progress() const;
  bool over() const { return state_ == State::kDone || state_ == State::kCancelled; }

 private:
  base::Duration Elapsed(base::MonotonicTime now) const;
  double Rate() const;
  void Schedule(base::Random& random);

  const Pace pace_;
  const size_t total_;
  std::vector<Member> members_;          // those that have not gone, in the order in which they are told
  std::vector<base::Duration> moments_;  // when each is told, since the beginning
  size_t told_ = 0;                      // the first of members_
  size_t told_ever_ = 0;
  State state_ = State::kRunning;
  base::MonotonicTime began_;  // later by each pause that is over
  base::MonotonicTime paused_at_;
};

}  // namespace fairlead::drain
