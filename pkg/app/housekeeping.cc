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
      thread_([this] { loop_.Run(); }) {}

Housekeeping::~Housekeeping() {
  Stop();
}

void Housekeeping::Update(std::shared_ptr<const snapshot::Snapshot> snapshot) {
  loop_.Post([this, snapshot = std::move(snapshot)] {
    monitor_->Update(*snapshot);
    drains_->Update(snapshot);
  });
}

std::vector<drain::DrainStatus> Housekeeping::ListDrains() const {
  const std::lock_guard lock(drains_mutex_);
  return listed_;
}

std::optional<int64_t> Housekeeping::DrainsRemaining() const {
  const std::lock_guard lock(drains_mutex_);
  std::optional<int64_t> remaining;
  for (const drain::DrainStatus& drain : listed_) {
    const drain::Progress& progress = drain.progress;
    if (progress.state != drain::State::kRunning && progress.state != drain::State::kPaused) continue;
    remaining = remaining.value_or(0) + static_cast<int64_t>(progress.total - progress.gone);
  }
  return remaining;
}

void Housekeeping::DirectDrain(uint64_t id, drain::Direction direction, absl::AnyInvocable<void(bool)> done) {
  loop_.Post(
      [this, id, direction, done = std::move(done)]() mutable { done(drains_->Direct(id, direction)); });
}

void Housekeeping::Stop() {
  if (!thread_.joinable()) return;
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
  drains_.reset();
  monitor_.reset();
}

}  // namespace fairlead::app
