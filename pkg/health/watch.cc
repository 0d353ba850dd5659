#include "pkg/health/watch.h"

#include <fmt/format.h>

#include <utility>

#include "pkg/telemetry/log.h"

namespace fairlead::health {

Watch::Watch(loop::Loop& loop, tls::Workspace& workspace, base::Random& random,
             std::shared_ptr<endpoint::Endpoint> endpoint, const config::HealthCheck& check,
             Security security)
    : loop_(loop),
      workspace_(workspace),
      random_(random),
      endpoint_(std::move(endpoint)),
      check_(check),
      security_(std::move(security)) {
  // Not all at once, and none later than it would be asked again.
  const auto spread = static_cast<uint64_t>(check_.unknown_interval.count());
  loop_.deadlines().Arm(*this, loop_.Now() + base::Duration(random_() % spread));
}

void Watch::Change(const config::HealthCheck& check, Security security) {
  probe_.reset();
  check_ = check;
  security_ = std::move(security);
  ScheduleNext();
}

void Watch::OnDeadline(base::MonotonicTime) {
  probe_ = std::make_unique<Probe>(loop_, workspace_, random_, endpoint_->address(), check_, security_,
                                   [this](std::string_view problem) { Answered(problem); });
  probe_->Start();
}

void Watch::Answered(std::string_view problem) {
  const Verdict::State before = verdict_.state();
  verdict_.Answered(problem.empty(), check_.healthy_threshold, check_.unhealthy_threshold);
  const Verdict::State now = verdict_.state();
  if (now != before) {
    endpoint_->SetUnhealthy(now == Verdict::State::kUnhealthy);
    if (now == Verdict::State::kUnhealthy) {
      telemetry::LogWarning(fmt::format("cluster {}: endpoint {} is unhealthy: {}", endpoint_->cluster(),
                                        endpoint_->label(), problem));
    } else {
      telemetry::LogInfo(
          fmt::format("cluster {}: endpoint {} is healthy", endpoint_->cluster(), endpoint_->label()));
    }
  }
  ScheduleNext();
}

void Watch::ScheduleNext() {
  const base::Duration interval =
      verdict_.state() == Verdict::State::kUnknown ? check_.unknown_interval : check_.interval;
  const int64_t jitter = interval.count() * check_.interval_jitter_percent / 100;
  const auto spread = static_cast<uint64_t>(2 * jitter + 1);
  const base::Duration next = interval - base::Duration(jitter) + base::Duration(random_() % spread);
  loop_.deadlines().Arm(*this, loop_.Now() + next);
}

}  // namespace fairlead::health
