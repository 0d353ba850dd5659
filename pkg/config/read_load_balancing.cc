#include "pkg/config/read_load_balancing.h"

#include <cmath>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/read_hash_key.h"

namespace fairlead::config {
namespace {

constexpr NumberRange kPanic = {0, 100};
constexpr NumberRange kFailover = {1, 100};
constexpr NumberRange kTableSize = {251, 5000011};
constexpr DurationRange kSlowStart = {base::Duration(0), std::chrono::hours(24)};

Policy ReadPolicy(v1::LoadBalancingPolicy policy, const Path& path, Report& report) {
  switch (policy) {
    case v1::LOAD_BALANCING_POLICY_UNSPECIFIED:
    case v1::LOAD_BALANCING_POLICY_ROUND_ROBIN:
      return Policy::kRoundRobin;
    case v1::LOAD_BALANCING_POLICY_LEAST_CONNECTIONS:
      return Policy::kLeastConnections;
    case v1::LOAD_BALANCING_POLICY_MAGLEV:
      return Policy::kMaglev;
    case v1::LOAD_BALANCING_POLICY_RANDOM_TWO_CHOICES:
      return Policy::kRandomTwoChoices;
    case v1::LOAD_BALANCING_POLICY_RING_HASH:
      return Policy::kRingHash;
    case v1::LOAD_BALANCING_POLICY_RENDEZVOUS:
      return Policy::kRendezvous;
    default:
      report.Add(path, "is not known",
                 "give ROUND_ROBIN, LEAST_CONNECTIONS, RANDOM_TWO_CHOICES, RING_HASH, MAGLEV or RENDEZVOUS");
      return Policy::kRoundRobin;
  }
}

// In thousandths. Whole numbers, since every proxy must come to the same ones.
uint32_t ReadBound(double factor, const Path& path, Report& report) {
  if (factor == 0) return 0;
  const double permille = factor * 1000;
  if (!(factor > 1) || !(factor <= 10)) {
    report.Add(path, "is out of range",
               "give a factor of more than 1 up to 10, such as 1.25, or 0 for no bound");
    return 0;
  }
  if (std::abs(permille - std::round(permille)) > 1e-6) {
    report.Add(path, "is too fine", "give at most three decimal places");
  }
  return static_cast<uint32_t>(std::lround(permille));
}

bool IsPrime(uint32_t number) {
  for (uint32_t divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return number > 1;
}

uint32_t ReadTableSize(uint32_t size, const Path& path, Report& report) {
  size = ReadNumber(size, kTableSize, path, report);
  if (!IsPrime(size)) report.Add(path, "is no prime", "give a prime, such as 65537 or 1000003");
  return size;
}

void ReadHashing(const v1::LoadBalancing& message, const Path& path, Report& report,
                 LoadBalancing* balancing) {
  const Path keys = path.Field("hash_key"), bound = path.Field("bounded_load_factor");
  if (Hashes(balancing->policy)) {
    balancing->hash_key = ReadHashKeys(message, keys, report);
    balancing->bounded_load_permille = ReadBound(message.bounded_load_factor(), bound, report);
    return;
  }
  const char* remedy = "set policy to RING_HASH, MAGLEV or RENDEZVOUS, or leave it out";
  if (message.hash_key_size() > 0) report.Add(keys, "is of no use to this policy", remedy);
  if (message.bounded_load_factor() != 0) report.Add(bound, "is of no use to this policy", remedy);
}

}  // namespace

LoadBalancing ReadLoadBalancing(const v1::LoadBalancing& message, const Path& path, Report& report) {
  LoadBalancing balancing;
  balancing.policy = ReadPolicy(message.policy(), path.Field("policy"), report);
  ReadHashing(message, path, report, &balancing);
  if (message.has_slow_start()) {
    balancing.slow_start = ReadDuration(message.slow_start(), kSlowStart, path.Field("slow_start"), report);
  }
  if (message.has_panic_threshold_percent()) {
    balancing.panic_threshold_percent =
        ReadNumber(message.panic_threshold_percent(), kPanic, path.Field("panic_threshold_percent"), report);
  }
  if (message.has_failover_threshold_percent()) {
    balancing.failover_threshold_percent = ReadNumber(message.failover_threshold_percent(), kFailover,
                                                      path.Field("failover_threshold_percent"), report);
  }
  balancing.prefer_same_zone = message.prefer_same_zone();
  const Path table_size = path.Field("maglev_table_size");
  if (message.has_maglev_table_size()) {
    balancing.maglev_table_size = ReadTableSize(message.maglev_table_size(), table_size, report);
    // The default is written out whatever the policy, and so read back.
    if (balancing.policy != Policy::kMaglev &&
        balancing.maglev_table_size != LoadBalancing().maglev_table_size) {
      report.Add(table_size, "is of no use to this policy", "set policy to MAGLEV, or leave it out");
    }
  }
  return balancing;
}

}  // namespace fairlead::config
