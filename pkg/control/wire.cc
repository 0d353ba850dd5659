#include "pkg/control/wire.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <charconv>

#include "fairlead/control/v1/config_service.pb.h"
#include "fairlead/control/v1/status_service.pb.h"
#include "fairlead/control/v1/tunnel_service.pb.h"

namespace fairlead::control {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kHexDigits = 16;

void ToWire(const apply::ClusterImpact& impact, v1::ClusterImpact* message) {
  message->set_cluster(impact.cluster);
  message->mutable_endpoints_added()->Assign(impact.endpoints_added.begin(), impact.endpoints_added.end());
  message->mutable_endpoints_removed()->Assign(impact.endpoints_removed.begin(),
                                               impact.endpoints_removed.end());
  if (impact.keys_moved) message->set_keys_moved(*impact.keys_moved);
  message->set_tunnels_on_removed(static_cast<int64_t>(impact.tunnels_on_removed));
  message->set_tunnels_misplaced(static_cast<int64_t>(impact.tunnels_misplaced));
  message->set_endpoints_added_total(static_cast<int64_t>(impact.endpoints_added_total));
  message->set_endpoints_removed_total(static_cast<int64_t>(impact.endpoints_removed_total));
  message->set_shares_total(static_cast<int64_t>(impact.shares_total));
  message->set_drains(impact.drains);
  for (const apply::EndpointShare& share : impact.shares) {
    v1::EndpointShare* wire = message->add_shares();
    wire->set_endpoint(share.endpoint);
    wire->set_before(share.before);
    wire->set_after(share.after);
    wire->set_open_tunnels(static_cast<int64_t>(share.open_tunnels));
  }
}

v1::Placement PlacementOf(endpoint::Placement placement) {
  switch (placement) {
    case endpoint::Placement::kUnknown:
      return v1::PLACEMENT_UNSPECIFIED;
    case endpoint::Placement::kHome:
      return v1::PLACEMENT_HOME;
    case endpoint::Placement::kAway:
      return v1::PLACEMENT_AWAY;
    case endpoint::Placement::kMisplaced:
      return v1::PLACEMENT_MISPLACED;
  }
  return v1::PLACEMENT_UNSPECIFIED;
}

v1::DrainState StateOf(drain::State state) {
  switch (state) {
    case drain::State::kRunning:
      return v1::DRAIN_STATE_RUNNING;
    case drain::State::kPaused:
      return v1::DRAIN_STATE_PAUSED;
    case drain::State::kCancelled:
      return v1::DRAIN_STATE_CANCELLED;
    case drain::State::kDone:
      return v1::DRAIN_STATE_DONE;
  }
  return v1::DRAIN_STATE_UNSPECIFIED;
}

v1::DrainCause CauseOf(drain::Cause cause) {
  switch (cause) {
    case drain::Cause::kShutdown:
      return v1::DRAIN_CAUSE_SHUTDOWN;
    case drain::Cause::kEndpoint:
      return v1::DRAIN_CAUSE_ENDPOINT;
    case drain::Cause::kRoute:
      return v1::DRAIN_CAUSE_ROUTE;
    case drain::Cause::kMisplaced:
      return v1::DRAIN_CAUSE_MISPLACED;
    case drain::Cause::kRebalance:
      return v1::DRAIN_CAUSE_REBALANCE;
    case drain::Cause::kRequested:
      return v1::DRAIN_CAUSE_REQUESTED;
  }
  return v1::DRAIN_CAUSE_UNSPECIFIED;
}

}  // namespace

std::optional<uint64_t> ParseHex(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.size() != kHexDigits || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

void ToWire(base::WallTime time, google::protobuf::Timestamp* message) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
  *message = TimeUtil::MicrosecondsToTimestamp(since_epoch.count());
}

void ToWire(std::chrono::microseconds duration, google::protobuf::Duration* message) {
  *message = TimeUtil::MicrosecondsToDuration(duration.count());
}

void ToWire(const apply::Impact& impact, v1::Impact* message) {
  message->Clear();
  message->mutable_changed()->Assign(impact.changed.begin(), impact.changed.end());
  message->set_changed_total(static_cast<int64_t>(impact.changed_total));
  message->mutable_listeners_removed()->Assign(impact.listeners_removed.begin(),
                                               impact.listeners_removed.end());
  message->mutable_routes_removed()->Assign(impact.routes_removed.begin(), impact.routes_removed.end());
  message->mutable_routes_drained()->Assign(impact.routes_drained.begin(), impact.routes_drained.end());
  for (const apply::ClusterImpact& cluster : impact.clusters) ToWire(cluster, message->add_clusters());
  message->set_listeners_removed_total(static_cast<int64_t>(impact.listeners_removed_total));
  message->set_routes_removed_total(static_cast<int64_t>(impact.routes_removed_total));
  message->set_clusters_total(static_cast<int64_t>(impact.clusters_total));
}

void ToWire(const apply::RevisionInfo& revision, v1::Revision* message) {
  message->set_revision(revision.revision);
  ToWire(revision.applied_at, message->mutable_applied_at());
  message->set_source(revision.source);
  message->set_summary(revision.summary);
}

void ToWire(const FleetStatus& status, v1::FleetStatus* message) {
  message->set_address(status.address);
  message->set_connected(status.connected);
  ToWire(status.since, message->mutable_since());
  message->set_last_error(status.last_error);
}

void ToWire(const tunnel::Row& row, v1::Tunnel* message) {
  message->set_id(fmt::format("{:016x}", row.id));
  message->set_listener(row.listener);
  message->set_route(row.route);
  message->set_cluster(row.cluster);
  message->set_endpoint(row.endpoint);
  message->set_client(row.client);
  ToWire(row.opened_at, message->mutable_opened_at());
  ToWire(row.idle, message->mutable_idle());
  message->set_bytes_received(row.bytes_received);
  message->set_bytes_sent(row.bytes_sent);
  if (row.key) message->set_key(fmt::format("{:016x}", row.key->key));
  message->set_placement(PlacementOf(row.placement));
  if (!row.conversation) return;
  message->set_messages_received(row.conversation->messages_from_client);
  message->set_messages_sent(row.conversation->messages_from_backend);
  const auto answered = [](std::chrono::microseconds rtt) { return rtt.count() > 0; };
  if (answered(row.conversation->client_ping_rtt)) {
    ToWire(row.conversation->client_ping_rtt, message->mutable_client_ping_rtt());
  }
  if (answered(row.conversation->backend_ping_rtt)) {
    ToWire(row.conversation->backend_ping_rtt, message->mutable_backend_ping_rtt());
  }
}

void ToWire(const drain::DrainStatus& drain, v1::Drain* message) {
  const drain::Progress& progress = drain.progress;
  message->set_id(drain.id);
  message->set_cluster(drain.cluster);
  message->set_endpoint(drain.endpoint);
  message->set_route(drain.route);
  message->set_cause(CauseOf(drain.cause));
  message->set_state(StateOf(progress.state));
  message->set_total(static_cast<int64_t>(progress.total));
  message->set_told(static_cast<int64_t>(progress.told));
  message->set_gone(static_cast<int64_t>(progress.gone));
  message->set_remaining(drain.over() ? 0 : static_cast<int64_t>(progress.total - progress.gone));
  message->set_close_code(drain.close_code);
  message->set_rate(drain.rate);
  ToWire(drain.began, message->mutable_began_at());
}

}  // namespace fairlead::control
