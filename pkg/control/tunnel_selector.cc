#include "pkg/control/tunnel_selector.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/support/status.h>

#include <optional>
#include <string>

#include "fairlead/control/v1/tunnel_service.pb.h"
#include "pkg/base/address.h"
#include "pkg/control/rpc_status.h"
#include "pkg/control/wire.h"

namespace fairlead::control {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kMaxIds = 10'000;
// Well within what nanoseconds can count.
constexpr int64_t kMaxSeconds = int64_t{10} * 365 * 24 * 3600;

// Zero where it is not set.
std::optional<base::Duration> ReadDuration(const google::protobuf::Duration& message) {
  if (message.seconds() < 0 || message.seconds() > kMaxSeconds || message.nanos() < 0) {
    return std::nullopt;
  }
  return base::Duration(TimeUtil::DurationToMilliseconds(message));
}

}  // namespace

grpc::Status ReadSelector(const v1::TunnelSelector& message, std::string_view field,
                          tunnel::Selector* selector) {
  const auto wrong = [field](std::string_view name, std::string_view problem, std::string_view remedy) {
    return InvalidField(fmt::format("{}.{}", field, name), problem, remedy);
  };
  *selector = {.listener = message.listener(),
               .route = message.route(),
               .cluster = message.cluster(),
               .endpoint = message.endpoint()};
  if (message.ids_size() > kMaxIds) {
    return wrong("ids", "names too many", fmt::format("name at most {} in a call", kMaxIds));
  }
  for (const std::string& text : message.ids()) {
    const std::optional<uint64_t> id = ParseHex(text);
    if (!id)
      return wrong("ids", "has one that is no id", "write the 16 hexadecimal digits of the access log");
    selector->ids.insert(*id);
  }
  if (!message.client().empty()) {
    const std::optional<base::IpAddress> client = base::IpAddress::Parse(message.client());
    if (!client) return wrong("client", "is no IP address", "write one such as 192.0.2.1, without a port");
    selector->client = client->ToString();
  }
  if (!message.key().empty()) {
    selector->key = ParseHex(message.key());
    if (!selector->key)
      return wrong("key", "is no key", "write the 16 hexadecimal digits that Explain shows");
  }
  switch (message.placement()) {
    case v1::PLACEMENT_UNSPECIFIED:
      break;
    case v1::PLACEMENT_HOME:
      selector->placement = endpoint::Placement::kHome;
      break;
    case v1::PLACEMENT_AWAY:
      selector->placement = endpoint::Placement::kAway;
      break;
    case v1::PLACEMENT_MISPLACED:
      selector->placement = endpoint::Placement::kMisplaced;
      break;
    default:
      return wrong("placement", "is unknown", "use 1 to 3");
  }
  const std::optional<base::Duration> age = ReadDuration(message.min_age());
  if (!age) return wrong("min_age", "is negative or longer than ten years", "write one such as 1h");
  const std::optional<base::Duration> idle = ReadDuration(message.min_idle());
  if (!idle) return wrong("min_idle", "is negative or longer than ten years", "write one such as 1h");
  selector->min_age = *age;
  selector->min_idle = *idle;
  return {};
}

}  // namespace fairlead::control
