#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/drain/drain.h"
#include "pkg/drain/plan.h"
#include "pkg/drain/tunnels.h"
#include "pkg/loop/loop.h"

namespace fairlead::drain {

// What a drain that is under way can be told.
enum class Command : uint8_t { kPause, kResume, kCancel };

// A drain as it is now, for people.
struct DrainStatus {
  uint64_t id = 0;  // counted from 1; 0 = its tunnels have yet to be found
  Cause cause = Cause::kRequested;
  std::string cluster;  // of these three, what it is about
  std::string endpoint;
  std::string route;
  uint16_t close_code = 0;
  double rate = 0;  // tunnels a second; 0 = as fast as can be
  Progress progress;
  base::WallTime began;

  bool over() const { return IsOver(progress.state); }
};

// All drains of the process: finds whom each is about, tells them when it is their turn, looks once a second
// who has gone, and cuts at the deadline who has not. The process's log has a line when one begins and when
// it is over. Who is let go, and why, others decide. On a loop; one thread.
class Drains final : private base::DeadlineWheel::Entry {
 public:
  // Of drains that are over, so many are remembered.
  static constexpr size_t kRemembered = 16;

  // `changed` gets all drains, the newest first, whenever there is something new to say of one. The
  // references outlive this; so does the loop, whose tasks no longer run then.
  using Changed = absl::AnyInvocable<void(std::vector<DrainStatus>)>;
  Drains(loop::Loop& loop, Tunnels& tunnels, const base::Clock& clock, uint64_t seed, Changed changed);
  ~Drains();

  // Its pace counts from now. Where nobody fits it is done at once, and nobody hears of it. The status is
  // kept up to date as long as the drain goes on.
  using Handle = std::shared_ptr<const DrainStatus>;
  Handle Begin(Plan plan);
  // Ends it, if it is under way: who was told goes, the others stay.
  void Cancel(const Handle& handle);
  // Asks of each that has not been told, in the order of their turns, whether it may stay after all.
  void Excuse(const Handle& handle, absl::FunctionRef<bool(const Member&)> may_stay);
  // Those of them that have been told, and not gone.
  std::vector<Member> Leaving(const Handle& handle) const;

  // False where there is none of that id under way.
  bool Obey(uint64_t id, Command command);

 private:
  struct Running {
    Plan plan;
    std::shared_ptr<DrainStatus> status;
    std::optional<Drain> drain = std::nullopt;  // once they are found
    std::optional<size_t> cut = std::nullopt;   // how many were cut, once the deadline has passed
  };
  using RunningPtr = std::shared_ptr<Running>;

  void OnDeadline(base::MonotonicTime now) override;
  void Found(const RunningPtr& running, std::vector<Member> members, base::MonotonicTime asked_at);
  void Step(Running& running, base::MonotonicTime now);
  void Look(base::MonotonicTime now);
  void Note(Running& running);
  void Awake();
  bool IsIdle() const;
  Running* Find(const Handle& handle) const;
  void Report();

  loop::Loop& loop_;
  Tunnels& tunnels_;
  const base::Clock& clock_;
  base::Random random_;
  Changed changed_;
  std::vector<RunningPtr> running_;
  std::deque<RunningPtr> over_;  // the newest first
  uint64_t last_id_ = 0;
  base::MonotonicTime looked_at_;
  bool news_ = false;
};

}  // namespace fairlead::drain
