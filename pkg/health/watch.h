#pragma once

#include <memory>

#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/config/resilience.h"
#include "pkg/endpoint/endpoint.h"
#include "pkg/health/probe.h"
#include "pkg/health/verdict.h"
#include "pkg/loop/loop.h"

namespace fairlead::health {

// An endpoint that is asked again and again whether it works. What it says becomes the endpoint's condition;
// destroying this stops the questions, and takes nothing back. One thread.
class Watch final : private base::DeadlineWheel::Entry {
 public:
  Watch(loop::Loop& loop, tls::Workspace& workspace, base::Random& random,
        std::shared_ptr<endpoint::Endpoint> endpoint, const config::HealthCheck& check, Security security);

  // Ask in this way from now on; what is known stays known.
  void Change(const config::HealthCheck& check, Security security);

  const std::shared_ptr<endpoint::Endpoint>& endpoint() const { return endpoint_; }
  const config::HealthCheck& check() const { return check_; }
  const Security& security() const { return security_; }
  Verdict::State state() const { return verdict_.state(); }

 private:
  void OnDeadline(base::MonotonicTime now) override;
  void Answered(std::string_view problem);
  void ScheduleNext();

  loop::Loop& loop_;
  tls::Workspace& workspace_;
  base::Random& random_;
  const std::shared_ptr<endpoint::Endpoint> endpoint_;
  config::HealthCheck check_;
  Security security_;
  Verdict verdict_;
  std::unique_ptr<Probe> probe_;  // the last one: it may be closing still
};

}  // namespace fairlead::health
