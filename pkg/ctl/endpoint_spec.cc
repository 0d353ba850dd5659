#include "pkg/ctl/endpoint_spec.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

#include "pkg/base/address.h"

namespace fairlead::ctl {
namespace {

constexpr uint32_t kMaxWeight = 65535;

absl::Status TakeWeight(std::string_view value, config::Endpoint* endpoint) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), endpoint->weight);
  if (error == std::errc() && end == value.data() + value.size() && endpoint->weight <= kMaxWeight) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("weight \"{}\" is out of range, write 0 to {}", value, kMaxWeight));
}

absl::Status TakeState(std::string_view value, config::Endpoint* endpoint) {
  if (value != "ACTIVE" && value != "DRAINING") {
    return absl::InvalidArgumentError(
        fmt::format("state \"{}\" is not known, write ACTIVE or DRAINING", value));
  }
  endpoint->state = value == "ACTIVE" ? config::EndpointState::kActive : config::EndpointState::kDraining;
  return absl::OkStatus();
}

absl::Status TakeSetting(std::string_view setting, config::Endpoint* endpoint) {
  const size_t mark = setting.find('=');
  const std::string_view name = setting.substr(0, mark);
  const std::string_view value = mark == std::string_view::npos ? "" : setting.substr(mark + 1);
  if (!value.empty()) {
    if (name == "weight") return TakeWeight(value, endpoint);
    if (name == "state") return TakeState(value, endpoint);
    if (name == "id" || name == "hash_id") {
      (name == "id" ? endpoint->id : endpoint->hash_id) = value;
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is no setting, write id=…, hash_id=…, weight=… or state=…", setting));
}

}  // namespace

absl::StatusOr<config::Endpoint> ParseEndpoint(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return absl::InvalidArgumentError(fmt::format("endpoint \"{}\": {}", text, why));
  };
  config::Endpoint endpoint;
  size_t end = text.find(',');
  const auto address = base::SocketAddress::Parse(text.substr(0, end));
  if (!address) return wrong("does not begin with an address, write IP:port or unix:/path");
  endpoint.address = *address;
  while (end != std::string_view::npos) {
    const size_t begin = end + 1;
    end = text.find(',', begin);
    const absl::Status taken = TakeSetting(text.substr(begin, end - begin), &endpoint);
    if (!taken.ok()) return wrong({taken.message().data(), taken.message().size()});
  }
  return endpoint;
}

}  // namespace fairlead::ctl
