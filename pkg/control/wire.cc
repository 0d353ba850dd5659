#include "pkg/control/wire.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <charconv>
#include <optional>
#include <string_view>

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
  for (const apply::EndpointShare& share : impact.shares) {
    v1::EndpointShare* wire = message->add_shares();
    wire->set_endpoint(share.endpoint);
    wire->set_before(share.before);
    wire->set_after(share.after);
    wire->set_open_tunnels(static_cast<int64_t>(share.open_tunnels));
  }
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

void ToWire(base::Duration duration, google::protobuf::Duration* message) {
  *message = TimeUtil::MillisecondsToDuration(duration.count());
}

void ToWire(const apply::Impact& impact, v1::Impact* message) {
  message->Clear();
  message->mutable_changed()->Assign(impact.changed.begin(), impact.changed.end());
  message->set_changed_total(static_cast<int64_t>(impact.changed_total));
  message->mutable_listeners_removed()->Assign(impact.listeners_removed.begin(),
                                               impact.listeners_removed.end());
  message->mutable_routes_removed()->Assign(impact.routes_removed.begin(), impact.routes_removed.end());
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
}

bool FromWire(const v1::TunnelSelector& message, tunnel::Selector* selector) {
  *selector = {.ids = {},
               .listener = message.listener(),
               .route = message.route(),
               .cluster = message.cluster(),
               .endpoint = message.endpoint()};
  for (const std::string& text : message.ids()) {
    const std::optional<uint64_t> id = ParseHex(text);
    if (!id) return false;
    selector->ids.insert(*id);
  }
  return true;
}

}  // namespace fairlead::control
