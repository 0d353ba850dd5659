#include "pkg/telemetry/worker_instruments.h"

#include <array>

namespace fairlead::telemetry {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 60 * kMinute;
constexpr double kDay = 24 * kHour;

constexpr std::array kUpgradeBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                    0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
constexpr std::array kTunnelBounds{1.0,       5.0,       15.0,       kMinute,  5 * kMinute, 15 * kMinute,
                                   1 * kHour, 4 * kHour, 12 * kHour, 1 * kDay, 3 * kDay,    7 * kDay};
constexpr std::array kLagBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0};

constexpr std::array kPingBounds{0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                 0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  20.0};

}  // namespace

WorkerInstruments::WorkerInstruments(int worker)
    : worker(worker),
      upgrade_duration(kUpgradeBounds),
      tunnel_duration(kTunnelBounds),
      loop_lag(kLagBounds),
      client_ping_rtt(kPingBounds),
      backend_ping_rtt(kPingBounds) {}

}  // namespace fairlead::telemetry
