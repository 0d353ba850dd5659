#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/config/resilience.h"
#include "pkg/endpoint/endpoint.h"
#include "pkg/health/probe.h"
#include "pkg/health/probe_budget.h"
#include "pkg/health/ramps.h"
#include "pkg/health/verdict.h"
#include "pkg/loop/loop.h"

namespace fairlead::health {

// An endpoint that is asked again and again whether it works. What it says becomes the endpoint's condition;
// destroying this stops the questions, and takes nothing back. One thread.
class Watch final : private base::DeadlineWheel::Entry {
 public:
  // The references outlive it.
  Watch(loop::Loop& loop, tls::Workspace& workspace, base::Random& random, ProbeBudget& budget, Ramps& ramps,
        std::shared_ptr<endpoint::Endpoint> endpoint, const config::HealthCheck& check, Security security);
  ~Watch() { StopAsking(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Ask in this way from now on; what is known stays known.
  void Change(const config::HealthCheck& check, Security security);
  // What connections of this cluster begin with, from the next question on; empty = nothing.
  void Precede(std::string header) { header_ = std::move(header); }
  // How long the endpoint takes to grow into its share when it recovers; zero = it has it at once.
  void SlowStart(base::Duration time) { slow_start_ = time; }

  const std::shared_ptr<endpoint::Endpoint>& endpoint() const { return endpoint_; }
  const config::HealthCheck& check() const { return check_; }
  const Security& security() const { return security_; }
  Verdict::State state() const { return verdict_.state(); }

 private:
  void OnDeadline(base::MonotonicTime now) override;
  void Answered(Probe::Outcome outcome, std::string_view problem);
  void Tell(Verdict::State before, std::string_view problem);
  void StopAsking();
  void AskSoon();
  void ScheduleNext();

  loop::Loop& loop_;
  tls::Workspace& workspace_;
  base::Random& random_;
  ProbeBudget& budget_;
  Ramps& ramps_;
  const std::shared_ptr<endpoint::Endpoint> endpoint_;
  config::HealthCheck check_;
  Security security_;
  Verdict verdict_;
  std::string header_;
  base::Duration slow_start_{0};
  bool asking_ = false;           // has its part of the budget
  std::unique_ptr<Probe> probe_;  // the last one: it may be closing still
};

}  // namespace fairlead::health
