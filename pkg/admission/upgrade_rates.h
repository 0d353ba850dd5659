#pragma once

#include <cstdint>
#include <optional>

#include "pkg/admission/client_rates.h"
#include "pkg/admission/rate_limit.h"
#include "pkg/base/address.h"
#include "pkg/base/clock.h"

namespace fairlead::admission {

// How many upgrades a second may be asked for at a listener: by all together, and by each client. Shared by
// all workers; any thread but for SetRates, which one thread calls.
class UpgradeRates {
 public:
  // See ClientRates.
  explicit UpgradeRates(uint64_t seed) : clients_(seed) {}

  // 0 = unlimited.
  void SetRates(uint32_t all, uint32_t each_client) {
    all_.SetRate(all);
    clients_.SetRate(each_client);
  }

  // The client first: one that asks too often takes nothing away from the others. On a unix socket there is
  // no address.
  bool TryTake(const std::optional<base::IpAddress>& client, base::MonotonicTime now) {
    return (!client || clients_.TryTake(*client, now)) && all_.TryTake(now);
  }

 private:
  RateLimit all_;
  ClientRates clients_;
};

}  // namespace fairlead::admission
