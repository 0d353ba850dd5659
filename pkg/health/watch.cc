#include "pkg/health/watch.h"

#include <fmt/format.h>

#include <utility>

#include "pkg/telemetry/log.h"

namespace fairlead::health {

Watch::Watch(loop::Loop& loop, tls::Workspace& workspace, base::Random& random, ProbeBudget& budget,
             Ramps& ramps, std::shared_ptr<endpoint::Endpoint> endpoint, const config::HealthCheck& check,
             Security security)
    : loop_(loop),
      workspace_(workspace),
      random_(random),
      budget_(budget),
      ramps_(ramps),
      endpoint_(std::move(endpoint)),
      check_(check),
      security_(std::move(security)) {
  AskSoon();
}

void Watch::Change(const config::HealthCheck& check, Security security) {
  StopAsking();
  check_ = check;
  security_ = std::move(security);
  AskSoon();
}

// Not all at once, and none later than it would be asked while nothing is known.
void Watch::AskSoon() {
  const auto spread = static_cast<uint64_t>(check_.unknown_interval.count());
  loop_.deadlines().Arm(*this, loop_.Now() + base::Duration(random_() % spread));
}

void Watch::StopAsking() {
  probe_.reset();
  if (std::exchange(asking_, false)) budget_.GiveBack();
}

void Watch::OnDeadline(base::MonotonicTime now) {
  if (!budget_.TryTake()) return loop_.deadlines().Arm(*this, now + base::DeadlineWheel::kTick);
  asking_ = true;
  probe_ = std::make_unique<Probe>(
      loop_, workspace_, random_, endpoint_->address(), check_, security_,
      [this](Probe::Outcome outcome, std::string_view problem) { Answered(outcome, problem); });
  probe_->Precede(header_);
  probe_->Start();
}

void Watch::Answered(Probe::Outcome outcome, std::string_view problem) {
  if (std::exchange(asking_, false)) budget_.GiveBack();
  if (outcome != Probe::Outcome::kNotAsked) {
    const Verdict::State before = verdict_.state();
    verdict_.Answered(outcome == Probe::Outcome::kGood, check_.healthy_threshold, check_.unhealthy_threshold);
    if (verdict_.state() != before) Tell(before, problem);
  }
  ScheduleNext();
}

void Watch::Tell(Verdict::State before, std::string_view problem) {
  if (verdict_.state() == Verdict::State::kUnhealthy) {
    endpoint_->SetUnhealthy(true);
    telemetry::LogWarning(fmt::format("cluster {}: endpoint {} is unhealthy: {}", endpoint_->cluster(),
                                      endpoint_->label(), problem));
    return;
  }
  // The share first: as soon as it is healthy it is picked.
  if (before == Verdict::State::kUnhealthy) ramps_.Restart(endpoint_, slow_start_);
  endpoint_->SetUnhealthy(false);
  telemetry::LogInfo(
      fmt::format("cluster {}: endpoint {} is healthy", endpoint_->cluster(), endpoint_->label()));
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
