#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "pkg/base/address.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/dns/address_history.h"
#include "pkg/dns/lookup.h"
#include "pkg/dns/resolver.h"

namespace fairlead::dns {

// Keeps a name resolved for as long as it lives: looks it up at once, then every refresh interval (10 % more
// or less, so that many watchers do not ask in step), counted from the end of the lookup before.
//
// A lookup that fails changes nothing of what was reported; it is tried again after 1 s, then 2 s, 4 s … up
// to the refresh interval. "No such name" and "no addresses" are failures too: a name server that has just
// been restarted says so of everything.
class NameWatcher final : base::DeadlineWheel::Entry {
 public:
  // On the loop's thread, never from inside the constructor. Inside, the watcher must not be destroyed (bury
  // it: Loop::Bury).
  // Addresses: the whole set, sorted and without duplicates; the first, then whenever it changed.
  // A status: lookups have begun to fail. Once for each row of failures, for the log; the addresses reported
  // before still stand.
  using Report = absl::AnyInvocable<void(const absl::StatusOr<std::vector<base::IpAddress>>&)>;

  // The name is a host name or a literal address. The random source outlives the watcher.
  NameWatcher(Resolver& resolver, base::Random& random, std::string name, base::Duration refresh_interval,
              Report report);
  NameWatcher(const NameWatcher&) = delete;
  NameWatcher& operator=(const NameWatcher&) = delete;

  const std::string& name() const { return name_; }

 private:
  static constexpr base::Duration kFirstRetry{1000};

  void OnDeadline(base::MonotonicTime now) override;
  void StartLookup();
  void OnAnswer(Lookup::Answer answer);
  // When to ask again, given how this lookup went.
  base::Duration NextDelay(bool failed);

  Resolver& resolver_;
  base::Random& random_;
  const std::string name_;
  const base::Duration refresh_interval_;
  Report report_;
  AddressHistory history_;
  std::unique_ptr<Lookup> lookup_;
  base::Duration retry_ = kFirstRetry;
  bool failing_ = false;  // and reported
};

}  // namespace fairlead::dns
