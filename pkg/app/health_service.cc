#include "pkg/app/health_service.h"

#include <utility>

namespace fairlead::app {

HealthService::HealthService(uint64_t seed, const base::Clock* clock)
    : loop_(clock),
      monitor_(std::make_unique<health::Monitor>(loop_, seed)),
      thread_([this] { loop_.Run(); }) {}

HealthService::~HealthService() {
  Stop();
}

void HealthService::Update(std::shared_ptr<const snapshot::Snapshot> snapshot) {
  loop_.Post([this, snapshot = std::move(snapshot)] { monitor_->Update(*snapshot); });
}

void HealthService::Stop() {
  if (!thread_.joinable()) return;
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
  monitor_.reset();
}

}  // namespace fairlead::app
