#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/drain/drain.h"
#include "pkg/endpoint/endpoint.h"
#include "pkg/loop/loop.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/tunnel/close_order.h"
#include "pkg/tunnel/listing.h"

namespace fairlead::drain {

// The open tunnels of the process, wherever they are. Any thread; nothing here waits.
class Tunnels {
 public:
  using Found = absl::AnyInvocable<void(std::vector<Member>)>;

  // Those that fit and are open now, each once, those included that are taking leave. Answers once, on the
  // loop.
  virtual void Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) = 0;
  // Tells them to close.
  virtual void Shut(const std::vector<Member>& members, const tunnel::CloseOrder& order) = 0;
  // Ends them at once.
  virtual void Cut(const std::vector<Member>& members, const tunnel::CloseOrder& order) = 0;

 protected:
  ~Tunnels() = default;
};

// What is to become of a drain that is under way.
enum class Direction : uint8_t { kPause, kResume, kCancel };

// A drain as it is now, for people.
struct DrainStatus {
  uint64_t id = 0;  // counted from 1
  std::string cluster;
  std::string endpoint;  // its label
  Progress progress;
  base::WallTime began;
};

// Lets go of the tunnels of endpoints that leave: that are DRAINING, or in the configuration no more, where
// their cluster has `drain`. An endpoint that comes back keeps what it still has. On a loop; one thread.
class Drains final : private base::DeadlineWheel::Entry {
 public:
  // Of drains that are over, so many are remembered.
  static constexpr size_t kRemembered = 16;

  // `changed` gets all drains, the newest first, whenever there is something new to say of one. The
  // references outlive this; so does the loop, whose tasks no longer run then.
  using Changed = absl::AnyInvocable<void(std::vector<DrainStatus>)>;
  Drains(loop::Loop& loop, Tunnels& tunnels, const base::Clock& clock, uint64_t seed, Changed changed);
  ~Drains();

  // What is in force from now on.
  void Update(std::shared_ptr<const snapshot::Snapshot> snapshot);

  // False where there is none of that id under way. A cancelled one does not begin again before its endpoint
  // has come back and leaves again.
  bool Direct(uint64_t id, Direction direction);

 private:
  // An endpoint that leaves; its drain while one is under way.
  struct Leaving {
    std::shared_ptr<endpoint::Endpoint> endpoint;
    config::ClusterDrain settings;
    bool configured = false;  // DRAINING, and not gone
    bool cancelled = false;
    bool asked = false;  // an answer is under way
    bool cut = false;
    base::MonotonicTime asked_at;
    DrainStatus status;
    std::optional<Drain> drain;
  };
  using Leavings = std::vector<std::unique_ptr<Leaving>>;

  void OnDeadline(base::MonotonicTime now) override { Beat(now); }
  void Beat(base::MonotonicTime now);
  void Step(Leaving& leaving, base::MonotonicTime now);
  void Ask(Leaving& leaving, base::MonotonicTime now);
  void Answered(const endpoint::Endpoint* endpoint, std::vector<Member> members);
  void Note(Leaving& leaving, const std::vector<Member>& members);
  void Begin(Leaving& leaving, std::vector<Member> members, base::MonotonicTime now);
  void End(Leaving& leaving);
  void Leave(const std::shared_ptr<endpoint::Endpoint>& endpoint, const config::ClusterDrain& settings,
             bool configured);
  Leaving* FindDrain(uint64_t id);
  void Report();

  loop::Loop& loop_;
  Tunnels& tunnels_;
  const base::Clock& clock_;
  base::Random random_;
  Changed changed_;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  Leavings leaving_;
  std::deque<DrainStatus> over_;  // the newest first
  uint64_t last_id_ = 0;
  bool news_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers that come too late
};

}  // namespace fairlead::drain
