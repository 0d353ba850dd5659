#include "pkg/proxy/client_identity.h"

#include <algorithm>
#include <vector>

#include "pkg/http1/ascii.h"
#include "pkg/http1/tokens.h"
#include "pkg/proxy/client_certificate.h"

namespace fairlead::proxy {
namespace {

bool IsTrusted(const base::IpAddress& address, absl::Span<const base::Cidr> trusted) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const base::Cidr& cidr) { return cidr.Contains(address); });
}

// All X-Forwarded-For lines as the one list that they stand for.
std::string Joined(const http1::Fields& fields, std::string_view name) {
  std::string all;
  for (const http1::Field& field : fields) {
    if (!http1::EqualsIgnoreCase(field.name, name)) continue;
    if (!all.empty()) all.append(", ");
    all.append(field.value);
  }
  return all;
}

// From the right, past the proxies that are ours. What is no address ends the search: nobody vouches for what
// is left of it.
std::optional<base::IpAddress> ClientIn(std::string_view forwarded_for,
                                        absl::Span<const base::Cidr> trusted) {
  std::vector<std::string_view> hops;
  for (std::string_view hop : http1::Tokens(forwarded_for)) hops.push_back(hop);
  std::optional<base::IpAddress> client;
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const std::optional<base::IpAddress> address = base::IpAddress::Parse(*hop);
    if (!address) break;
    client = address;
    if (!IsTrusted(*address, trusted)) break;
  }
  return client;
}

std::string PortOf(const base::SocketAddress& local) {
  return local.is_unix() ? "" : std::to_string(local.ip_port()->port);
}

}  // namespace

bool IsTrusted(const base::SocketAddress& peer, absl::Span<const base::Cidr> trusted) {
  return peer.is_unix() || IsTrusted(peer.ip_port()->ip, trusted);
}

ClientIdentity Identify(const http1::RequestHead& head, const ConnectionInfo& connection,
                        absl::Span<const base::Cidr> trusted) {
  ClientIdentity identity{.ip = std::nullopt,
                          .believed = false,
                          .forwarded_for = "",
                          .proto = connection.secure() ? "https" : "http",
                          .host = std::string(head.host),
                          .port = PortOf(connection.local)};
  if (const tls::PeerIdentity* shown = connection.certificate()) {
    identity.certificate = ForwardedCertificate(*shown);
  }
  // A balancer that does not name its client speaks for anybody: nothing that came past it is believed.
  const bool unnamed = connection.proxied && !connection.proxied->source;
  if (unnamed || connection.peer.is_unix()) return identity;
  identity.ip = connection.peer.ip_port()->ip;
  const std::string peer_ip = identity.ip->ToString();
  identity.forwarded_for = peer_ip;
  if (!IsTrusted(*identity.ip, trusted)) return identity;

  identity.believed = true;
  const auto believe = [&](std::string_view name, std::string* value) {
    if (const auto given = head.fields.Get(name); given && !given->empty()) *value = std::string(*given);
  };
  believe("X-Forwarded-Proto", &identity.proto);
  believe("X-Forwarded-Host", &identity.host);
  believe("X-Forwarded-Port", &identity.port);
  if (const std::string chain = Joined(head.fields, "X-Forwarded-For"); !chain.empty()) {
    identity.forwarded_for = chain + ", " + peer_ip;
    if (const auto client = ClientIn(chain, trusted)) identity.ip = client;
  }
  return identity;
}

}  // namespace fairlead::proxy
