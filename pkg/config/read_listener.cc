#include "pkg/config/read_listener.h"

#include <optional>
#include <string>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_tls.h"

namespace fairlead::config {
namespace {

constexpr NumberRange kHeaderBytes = {1024, 1 << 20};
constexpr NumberRange kUpgrades = {0, 1'000'000};
constexpr NumberRange kBodyRate = {0, 1'000'000};
constexpr DurationRange kHandshake = {base::Duration(1), std::chrono::hours(1)};

ListenerLimits ReadLimits(const v1::ListenerLimits& message, const Path& path, Report& report) {
  ListenerLimits limits;
  limits.max_connections = message.max_connections();
  if (message.has_max_header_bytes()) {
    limits.max_header_bytes =
        ReadNumber(message.max_header_bytes(), kHeaderBytes, path.Field("max_header_bytes"), report);
  }
  if (message.has_handshake_timeout()) {
    limits.handshake_timeout =
        ReadDuration(message.handshake_timeout(), kHandshake, path.Field("handshake_timeout"), report);
  }
  limits.upgrades_per_second =
      ReadNumber(message.upgrades_per_second(), kUpgrades, path.Field("upgrades_per_second"), report);
  limits.upgrades_per_second_per_client = ReadNumber(message.upgrades_per_second_per_client(), kUpgrades,
                                                     path.Field("upgrades_per_second_per_client"), report);
  const Path queue = path.Field("upgrade_queue");
  limits.upgrade_queue = ReadNumber(message.upgrade_queue(), kUpgrades, queue, report);
  if (limits.upgrade_queue > 0 && limits.upgrades_per_second == 0) {
    report.Add(queue, "has no effect without upgrades_per_second",
               "say there how many a second are let through");
  }
  limits.max_connections_per_client = message.max_connections_per_client();
  if (message.has_min_body_rate()) {
    limits.min_body_rate =
        ReadNumber(message.min_body_rate(), kBodyRate, path.Field("min_body_rate"), report);
  }
  return limits;
}

ProxyProtocol ReadProxyProtocol(v1::ProxyProtocol protocol, const Path& path, Report& report) {
  switch (protocol) {
    case v1::PROXY_PROTOCOL_UNSPECIFIED:
    case v1::PROXY_PROTOCOL_DISABLED:
      return ProxyProtocol::kDisabled;
    case v1::PROXY_PROTOCOL_OPTIONAL_FROM_TRUSTED:
      return ProxyProtocol::kOptionalFromTrusted;
    case v1::PROXY_PROTOCOL_REQUIRED:
      return ProxyProtocol::kRequired;
    default:
      report.Add(path, "is not known", "give DISABLED, OPTIONAL_FROM_TRUSTED or REQUIRED");
      return ProxyProtocol::kDisabled;
  }
}

}  // namespace

Listener ReadListener(const v1::Listener& message, Unique& addresses, const Path& path, Report& report) {
  Listener listener;
  listener.name = message.name();
  CheckName(listener.name, path.Field("name"), report);
  const Path address_path = path.Field("address");
  if (const auto address = ReadAddress(message.address(), address_path, report)) {
    listener.address = *address;
    const base::IpPort* ip_port = address->ip_port();
    const bool kernel_chooses = ip_port != nullptr && ip_port->port == 0;
    if (!kernel_chooses) addresses.Add(address->ToString(), address_path, report);
  }
  const Path trusted = path.Field("trusted_proxies");
  for (int i = 0; i < message.trusted_proxies_size(); ++i) {
    if (const auto prefix = ReadCidr(message.trusted_proxies(i), trusted.Index(i), report)) {
      listener.trusted_proxies.push_back(*prefix);
    }
  }
  const Path proxy = path.Field("proxy_protocol");
  listener.proxy_protocol = ReadProxyProtocol(message.proxy_protocol(), proxy, report);
  if (listener.proxy_protocol != ProxyProtocol::kDisabled && !listener.address.is_unix() &&
      message.trusted_proxies_size() == 0) {
    report.Add(proxy, "believes nobody without trusted_proxies",
               "list there the addresses of the balancers that send the header");
  }
  const Path tls = path.Field("tls");
  if (message.has_tls()) listener.tls = ReadListenerTls(message.tls(), tls, report);
  listener.limits = ReadLimits(message.limits(), path.Field("limits"), report);
  return listener;
}

}  // namespace fairlead::config
