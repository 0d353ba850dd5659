#include <array>
#include <map>
#include <utility>

#include "pkg/telemetry/families.h"

namespace fairlead::telemetry {
namespace {

using prometheus::MetricType;

constexpr std::array<std::string_view, 2> kUpgradeKinds{"websocket", "other"};

// Routes and clusters whichever listener they were reached by.
using ByRoute = std::map<std::pair<std::string, std::string>, RouteInstruments>;
using RouteSums = std::vector<SeriesTable<RouteStats>::Sum>;

void AddTunnelGauges(const RouteSums& sums, std::vector<prometheus::MetricFamily>* families) {
  Family open("fairlead_open_tunnels", "Tunnels open now.", MetricType::Gauge);
  Family idle("fairlead_idle_timeouts_total",
              "Tunnels closed because no byte passed for the route's idle timeout.", MetricType::Counter);
  for (const auto& [labels, total] : sums) {
    if (labels.listener.empty()) continue;  // what listeners that are gone have counted
    for (size_t i = 0; i < kUpgradeKinds.size(); ++i) {
      open.Measure({{"listener", labels.listener},
                    {"route", labels.route},
                    {"cluster", labels.cluster},
                    {"upgrade", kUpgradeKinds[i]}},
                   static_cast<double>(total->open_tunnels[i].value()));
    }
    idle.Count(
        {{"listener", labels.listener}, {"route", labels.route}, {"cluster", labels.cluster}},
        static_cast<double>(total->tunnels_closed[static_cast<size_t>(CloseReason::kIdleTimeout)].value()));
  }
  std::move(open).MoveTo(families);
  std::move(idle).MoveTo(families);
}

void AddClosed(const ByRoute& routes, std::vector<prometheus::MetricFamily>* families) {
  Family closed("fairlead_tunnels_closed_total", "Tunnels closed, by what ended them.", MetricType::Counter);
  for (const auto& [key, total] : routes) {
    for (size_t i = 0; i < kCloseReasonCount; ++i) {
      const uint64_t count = total.tunnels_closed[i].value();
      if (count == 0) continue;
      closed.Count(
          {{"route", key.first}, {"cluster", key.second}, {"reason", ToString(static_cast<CloseReason>(i))}},
          static_cast<double>(count));
    }
  }
  std::move(closed).MoveTo(families);
}

void AddCodes(Family family, const ByRoute& routes, const StatusCounters RouteInstruments::*counters,
              std::vector<prometheus::MetricFamily>* families) {
  for (const auto& [key, total] : routes) {
    for (size_t i = 0; i < StatusCounters::kSize; ++i) {
      const uint64_t count = (total.*counters).value(i);
      if (count == 0) continue;
      family.Count({{"route", key.first}, {"cluster", key.second}, {"code", StatusCounters::Label(i)}},
                   static_cast<double>(count));
    }
  }
  std::move(family).MoveTo(families);
}

void AddRetries(const ByRoute& routes, std::vector<prometheus::MetricFamily>* families) {
  Family retries("fairlead_retries_total",
                 "Requests that failed at one endpoint: made = given to another, over_budget = not.",
                 MetricType::Counter);
  for (const auto& [key, total] : routes) {
    const auto count = [&, &labels = key](std::string_view result, uint64_t number) {
      if (number == 0) return;
      retries.Count({{"route", labels.first}, {"cluster", labels.second}, {"result", result}},
                    static_cast<double>(number));
    };
    count("made", total.retries.value());
    count("over_budget", total.retries_over_budget.value());
  }
  std::move(retries).MoveTo(families);
}

void AddBytes(const ByRoute& routes, std::vector<prometheus::MetricFamily>* families) {
  Family bytes("fairlead_bytes_total", "Bytes of tunnels and bodies, received from clients and sent to them.",
               MetricType::Counter);
  for (const auto& [key, total] : routes) {
    bytes.Count({{"route", key.first}, {"cluster", key.second}, {"direction", "received"}},
                static_cast<double>(total.bytes_received.value()));
    bytes.Count({{"route", key.first}, {"cluster", key.second}, {"direction", "sent"}},
                static_cast<double>(total.bytes_sent.value()));
  }
  std::move(bytes).MoveTo(families);
}

}  // namespace

void AddListenerFamilies(const StatsRegistry& stats, std::vector<prometheus::MetricFamily>* families) {
  Family open("fairlead_open_connections", "Client connections open now.", MetricType::Gauge);
  Family accepted("fairlead_connections_accepted_total", "Client connections accepted.", MetricType::Counter);
  Family waiting("fairlead_waiting_upgrades", "Upgrades that wait for their turns now.", MetricType::Gauge);
  Family turned_away("fairlead_connections_rejected_total",
                     "Client connections closed before they could ask anything, by the reason.",
                     MetricType::Counter);
  Family rejected("fairlead_upgrades_rejected_total",
                  "Upgrades that Fairlead refused, or could get no answer to, by the reason.",
                  MetricType::Counter);
  for (const auto& [labels, total] : stats.listeners().Sums()) {
    open.Measure({{"listener", labels.listener}}, static_cast<double>(total->open_connections.value()));
    accepted.Count({{"listener", labels.listener}}, static_cast<double>(total->accepted.value()));
    waiting.Measure({{"listener", labels.listener}}, static_cast<double>(total->waiting_upgrades.value()));
    for (size_t i = 0; i < kConnectionRejectCount; ++i) {
      const uint64_t count = total->connections_rejected[i].value();
      if (count == 0) continue;
      turned_away.Count(
          {{"listener", labels.listener}, {"reason", ToString(static_cast<ConnectionReject>(i))}},
          static_cast<double>(count));
    }
    for (size_t i = 0; i < kRejectReasonCount; ++i) {
      const uint64_t count = total->upgrades_rejected[i].value();
      if (count == 0) continue;
      rejected.Count({{"listener", labels.listener}, {"reason", ToString(static_cast<RejectReason>(i))}},
                     static_cast<double>(count));
    }
  }
  std::move(open).MoveTo(families);
  std::move(accepted).MoveTo(families);
  std::move(waiting).MoveTo(families);
  std::move(turned_away).MoveTo(families);
  std::move(rejected).MoveTo(families);
}

int64_t AddRouteFamilies(const StatsRegistry& stats, std::vector<prometheus::MetricFamily>* families) {
  const RouteSums sums = stats.routes().Sums();
  ByRoute routes;
  int64_t open = 0;
  for (const auto& [labels, total] : sums) {
    routes[{labels.route, labels.cluster}].Absorb(*total);
    for (const Gauge& gauge : total->open_tunnels) open += gauge.value();
  }
  AddTunnelGauges(sums, families);
  AddClosed(routes, families);
  AddCodes(Family("fairlead_upgrades_total", "Requests to upgrade, by the status code the client got.",
                  MetricType::Counter),
           routes, &RouteInstruments::upgrades, families);
  AddCodes(
      Family("fairlead_requests_total",
             "Requests that asked for no upgrade, by the status code the client got.", MetricType::Counter),
      routes, &RouteInstruments::requests, families);
  AddRetries(routes, families);
  AddBytes(routes, families);
  AddWebSocketFamilies(routes, families);
  return open;
}

}  // namespace fairlead::telemetry
