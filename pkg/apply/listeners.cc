#include "pkg/apply/listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <thread>

#include "pkg/telemetry/log.h"

namespace fairlead::apply {
namespace {

admission::Gate::Limits LimitsOf(const config::ListenerLimits& limits) {
  return {.max_connections = limits.max_connections,
          .max_connections_per_client = limits.max_connections_per_client,
          .upgrades = {.per_second = limits.upgrades_per_second,
                       .per_second_per_client = limits.upgrades_per_second_per_client,
                       .queue = limits.upgrade_queue,
                       .patience = limits.handshake_timeout}};
}

}  // namespace

std::vector<config::Violation> Listeners::Prepare(const config::Config& config) {
  std::vector<config::Violation> violations;
  Bound bound;
  for (size_t i = 0; i < config.listeners.size(); ++i) {
    const config::Listener& listener = config.listeners[i];
    const Place place = PlaceOf(listener);
    if (Find(place) != nullptr) continue;
    if (std::optional<Listening> reclaimed = Reclaim(place)) {
      bound.emplace_back(place, *std::move(reclaimed));
      continue;
    }
    AwaitClosing();
    auto sockets = loop::ListenSockets::Bind(listener.address, workers_, Overlaps(listener.address));
    if (!sockets.ok()) {
      violations.push_back({.path = fmt::format("listeners[{}].address", i),
                            .line = 0,
                            .problem = std::string(sockets.status().message()),
                            .remedy = "choose an address that this process may bind and that nobody holds"});
      continue;
    }
    telemetry::LogInfo(
        fmt::format("listener {}: listening on {}", listener.name, (*sockets)->address().ToString()));
    bound.emplace_back(place, Listening{.sockets = *std::move(sockets),
                                        .gate = std::make_shared<admission::Gate>(seed_, *process_)});
  }
  if (violations.empty()) std::move(bound.begin(), bound.end(), std::back_inserter(prepared_));
  return violations;
}

void Listeners::Keep(const config::Config& config) {
  process_->memory.SetLimit(config.overload.max_buffered_bytes);
  Bound kept;
  for (const config::Listener& listener : config.listeners) {
    const Listening& listening = *Find(PlaceOf(listener));
    listening.gate->SetLimits(LimitsOf(listener.limits), clock_.Now());
    kept.emplace_back(PlaceOf(listener), listening);
  }
  Release(kept_);
  kept_ = std::move(kept);
  prepared_.clear();
}

void Listeners::Abandon() {
  prepared_.clear();
}

std::vector<Listening> Listeners::listening() const {
  std::vector<Listening> all;
  for (const auto& [place, listening] : kept_) all.push_back(listening);
  return all;
}

void Listeners::Release(const Bound& bound) {
  std::erase_if(released_, [](const Released& released) { return released.held.expired(); });
  for (const auto& [place, listening] : bound) {
    released_.push_back({.place = place,
                         .sockets = listening.sockets,
                         .held = listening.sockets->held(),
                         .gate = listening.gate});
  }
}

std::optional<Listening> Listeners::Reclaim(const Place& place) const {
  for (const Released& released : released_) {
    if (released.place != place) continue;
    Listening listening{.sockets = released.sockets.lock(), .gate = released.gate.lock()};
    if (listening.sockets && listening.gate) return listening;
  }
  return std::nullopt;
}

void Listeners::AwaitClosing() const {
  constexpr std::chrono::milliseconds kStep(1), kAtMost(1000);
  // Whoever lets them go last does so one after the other: without either they are not to be had any more.
  const auto closing = [](const Released& released) {
    return (released.sockets.expired() || released.gate.expired()) && !released.held.expired();
  };
  for (auto waited = kStep * 0; waited < kAtMost; waited += kStep) {
    if (std::none_of(released_.begin(), released_.end(), closing)) return;
    std::this_thread::sleep_for(kStep);
  }
}

bool Listeners::Overlaps(const base::SocketAddress& address) const {
  const auto same_port = [&](const loop::ListenSockets& held) {
    return !address.is_unix() && !held.address().is_unix() &&
           address.ip_port()->port == held.address().ip_port()->port;
  };
  const auto any_of = [&](const Bound& bound) {
    return std::any_of(bound.begin(), bound.end(),
                       [&](const auto& entry) { return same_port(*entry.second.sockets); });
  };
  return any_of(kept_) || any_of(prepared_) ||
         std::any_of(released_.begin(), released_.end(), [&](const Released& released) {
           const auto sockets = released.sockets.lock();
           return sockets && same_port(*sockets);
         });
}

Listeners::Place Listeners::PlaceOf(const config::Listener& listener) {
  const base::IpPort* ip_port = listener.address.ip_port();
  const bool kernel_chooses = ip_port != nullptr && ip_port->port == 0;
  return {.address = listener.address, .name = kernel_chooses ? listener.name : std::string()};
}

const Listening* Listeners::Find(const Place& place) const {
  for (const Bound* bound : {&kept_, &prepared_}) {
    const auto found =
        std::find_if(bound->begin(), bound->end(), [&](const auto& known) { return known.first == place; });
    if (found != bound->end()) return &found->second;
  }
  return nullptr;
}

}  // namespace fairlead::apply
