#include "pkg/drain/causes.h"

#include <algorithm>
#include <utility>

namespace fairlead::drain {
namespace {

constexpr base::Duration kStepEvery{1000};

}  // namespace

Causes::Causes(loop::Loop& loop, Drains& drains, uint64_t seed)
    : loop_(loop),
      endpoints_(drains),
      routes_(drains),
      misplaced_(drains, seed),
      rebalances_(drains, seed),
      shutdown_(drains) {
  loop_.deadlines().Arm(*this, loop_.Now() + kStepEvery);
}

void Causes::Update(std::shared_ptr<const snapshot::Snapshot> snapshot) {
  const base::MonotonicTime now = loop_.Now();
  if (IsEnding(now)) return;
  endpoints_.Update(snapshot_.get(), *snapshot);
  routes_.Update(snapshot_.get(), *snapshot, now);
  misplaced_.Update(*snapshot, now);
  rebalances_.Update(snapshot);
  snapshot_ = std::move(snapshot);
}

void Causes::Shutdown(const config::Drain& settings) {
  shutdown_.Start(settings, loop_.Now());
  Step(loop_.Now());
}

void Causes::Rebalance(const std::string& cluster, std::optional<uint32_t> target, bool dry_run,
                       Rebalances::Answered answered) {
  rebalances_.Start(cluster, target, dry_run, loop_.Now(), std::move(answered));
}

// All go evenly over the window: what other causes told to go would come on top, or not get its answer time.
bool Causes::IsEnding(base::MonotonicTime now) const {
  const std::optional<base::MonotonicTime> begins = shutdown_.begins_at();
  return begins && now >= *begins;
}

void Causes::Step(base::MonotonicTime now) {
  if (!IsEnding(now)) {
    endpoints_.Step();
    routes_.Step(now);
    misplaced_.Step(now);
    rebalances_.Step(now);
  }
  shutdown_.Step(now);
  base::MonotonicTime next = now + kStepEvery;
  if (const auto begins = shutdown_.begins_at(); begins && *begins > now) next = std::min(next, *begins);
  loop_.deadlines().Arm(*this, next);
}

}  // namespace fairlead::drain
