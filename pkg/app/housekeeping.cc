#include "pkg/app/housekeeping.h"

#include <utility>

namespace fairlead::app {

Housekeeping::Housekeeping(const Options& options)
    : loop_(options.timeout_clock),
      monitor_(std::make_unique<health::Monitor>(loop_, options.seed)),
      drains_(std::make_unique<drain::Drains>(loop_, *options.tunnels, *options.clock, options.seed,
                                              [this](std::vector<drain::DrainStatus> drains) {
                                                const std::lock_guard lock(drains_mutex_);
                                                listed_ = std::move(drains);
                                              })),
      causes_(std::make_unique<drain::Causes>(loop_, *drains_, options.seed)),
      thread_([this] { loop_.Run(); }) {}

Housekeeping::~Housekeeping() {
  Stop();
}

void Housekeeping::Update(std::shared_ptr<const snapshot::Snapshot> snapshot) {
  loop_.Post([this, snapshot = std::move(snapshot)] {
    monitor_->Update(*snapshot);
    causes_->Update(snapshot);
  });
}

void Housekeeping::DrainAll(config::Drain settings) {
  loop_.Post([this, settings] { causes_->Shutdown(settings); });
}

void Housekeeping::Begin(drain::Plan plan) {
  loop_.Post([this, plan = std::move(plan)]() mutable { drains_->Begin(std::move(plan)); });
}

void Housekeeping::Rebalance(std::string cluster, std::optional<uint32_t> target, bool dry_run,
                             drain::Rebalances::Answered answered) {
  loop_.Post([this, cluster = std::move(cluster), target, dry_run, answered = std::move(answered)]() mutable {
    causes_->Rebalance(cluster, target, dry_run, std::move(answered));
  });
}

std::vector<drain::DrainStatus> Housekeeping::ListDrains() const {
  const std::lock_guard lock(drains_mutex_);
  return listed_;
}

std::map<std::string, int64_t> Housekeeping::DrainsRemaining() const {
  const std::lock_guard lock(drains_mutex_);
  std::map<std::string, int64_t> remaining;
  // Each cause is always there: one that vanishes would be taken for what it was last.
  for (const drain::Cause cause :
       {drain::Cause::kShutdown, drain::Cause::kEndpoint, drain::Cause::kRoute, drain::Cause::kMisplaced,
        drain::Cause::kRebalance, drain::Cause::kRequested}) {
    remaining[std::string(ToString(cause))] = 0;
  }
  for (const drain::DrainStatus& drain : listed_) {
    if (drain.over()) continue;
    remaining[std::string(ToString(drain.cause))] +=
        static_cast<int64_t>(drain.progress.total - drain.progress.gone);
  }
  return remaining;
}

void Housekeeping::CommandDrain(uint64_t id, drain::Command command, absl::AnyInvocable<void(bool)> done) {
  loop_.Post([this, id, command, done = std::move(done)]() mutable { done(drains_->Obey(id, command)); });
}

void Housekeeping::Stop() {
  if (!thread_.joinable()) return;
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
  causes_.reset();
  drains_.reset();
  monitor_.reset();
}

}  // namespace fairlead::app
