#include "pkg/config/read_control.h"

#include <string>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/base/on_this_host.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/quote.h"

namespace fairlead::config {
namespace {

constexpr size_t kMaxPathBytes = 4095;  // PATH_MAX, without the zero
constexpr size_t kMaxPeerBytes = 2048;  // of a SPIFFE id
constexpr char kUnix[] = "unix:";

Owner ReadOwner(v1::ConfigOwner owner, const Path& path, Report& report) {
  switch (owner) {
    case v1::CONFIG_OWNER_UNSPECIFIED:
    case v1::CONFIG_OWNER_FILE:
      return Owner::kFile;
    case v1::CONFIG_OWNER_PUSH:
      return Owner::kPush;
    case v1::CONFIG_OWNER_FLEET:
      return Owner::kFleet;
    default:
      report.Add(path, "is not known", "give FILE, PUSH or FLEET");
      return Owner::kFile;
  }
}

// A file or directory; empty = none, where `required` is false.
std::string ReadPath(const std::string& text, bool required, const Path& path, Report& report) {
  if (text.empty()) {
    if (required) report.Add(path, "is missing", "give an absolute path");
  } else if (text.front() != '/' || text.size() > kMaxPathBytes || text.find('\0') != std::string::npos) {
    report.Add(path, Quote(text) + " is no absolute path",
               "write one that begins with / of at most 4095 bytes");
  }
  return text;
}

std::optional<ControlRole> ReadRole(int role) {
  switch (role) {
    case v1::CONTROL_ROLE_READER:
      return ControlRole::kReader;
    case v1::CONTROL_ROLE_ENDPOINT_WRITER:
      return ControlRole::kEndpointWriter;
    case v1::CONTROL_ROLE_CONFIG_WRITER:
      return ControlRole::kConfigWriter;
    case v1::CONTROL_ROLE_DRAINER:
      return ControlRole::kDrainer;
    default:
      return std::nullopt;
  }
}

ControlGrant ReadGrant(const v1::ControlGrant& message, const Path& path, Unique& peers, Report& report) {
  ControlGrant grant;
  grant.peer = message.peer();
  const Path peer = path.Field("peer"), roles = path.Field("roles");
  if (grant.peer.empty() || grant.peer.size() > kMaxPeerBytes) {
    report.Add(peer, grant.peer.empty() ? "is missing" : "is too long",
               "give a URI or DNS name of at most 2048 bytes");
  } else {
    peers.Add(grant.peer, peer, report);
  }
  if (message.roles().empty()) report.Add(roles, "is missing", "say what the peer may do");
  for (int i = 0; i < message.roles_size(); ++i) {
    if (const auto role = ReadRole(message.roles(i))) {
      grant.roles.push_back(*role);
    } else {
      report.Add(roles.Index(static_cast<size_t>(i)), "is not known",
                 "give READER, ENDPOINT_WRITER, CONFIG_WRITER or DRAINER");
    }
  }
  return grant;
}

ControlTls ReadTls(const v1::ControlTls& message, const Path& path, Report& report) {
  ControlTls tls;
  tls.cert_file = ReadPath(message.cert_file(), true, path.Field("cert_file"), report);
  tls.key_file = ReadPath(message.key_file(), true, path.Field("key_file"), report);
  tls.client_ca_file = ReadPath(message.client_ca_file(), true, path.Field("client_ca_file"), report);
  Unique peers("peer");
  const Path grants = path.Field("grants");
  for (int i = 0; i < message.grants_size(); ++i) {
    const Path item = grants.Index(static_cast<size_t>(i));
    tls.grants.push_back(ReadGrant(message.grants(i), item, peers, report));
  }
  return tls;
}

Fleet ReadFleet(const v1::Fleet& message, const Path& path, Report& report) {
  Fleet fleet;
  const Path address = path.Field("address"), ca_file = path.Field("ca_file"),
             key_file = path.Field("key_file");
  fleet.address = message.address();
  if (fleet.address.starts_with(kUnix)) {
    ReadAddress(fleet.address, address, report);
  } else if (fleet.address.rfind(':') == std::string::npos || fleet.address.back() == ']') {
    report.Add(address, Quote(fleet.address) + " names no port", "write host:port or unix:/path");
  } else {
    CheckHost(fleet.address, address, report);
  }
  fleet.server_name = message.server_name();
  if (!fleet.server_name.empty()) CheckHost(fleet.server_name, path.Field("server_name"), report);
  fleet.ca_file = ReadPath(message.ca_file(), false, ca_file, report);
  if (fleet.ca_file.empty() && !base::IsOnThisHost(fleet.address)) {
    report.Add(ca_file, "is missing",
               "say who must have signed the certificate of a plane that is elsewhere");
  }
  fleet.cert_file = ReadPath(message.cert_file(), false, path.Field("cert_file"), report);
  fleet.key_file = ReadPath(message.key_file(), false, key_file, report);
  fleet.token_file = ReadPath(message.token_file(), false, path.Field("token_file"), report);
  if (fleet.cert_file.empty() != fleet.key_file.empty()) {
    report.Add(key_file, "and cert_file go together", "give both or neither");
  }
  return fleet;
}

}  // namespace

Control ReadControl(const v1::Control& message, const Path& path, Unique& addresses, Report& report) {
  Control control;
  const Path address = path.Field("address"), tls = path.Field("tls");
  control.owner = ReadOwner(message.owner(), path.Field("owner"), report);
  if (!message.address().empty()) control.address = ReadAddress(message.address(), address, report);
  if (control.address) {
    const bool any_port = !control.address->is_unix() && control.address->ip_port()->port == 0;
    if (!any_port) addresses.Add(control.address->ToString(), address, report);
    if (!control.address->is_unix() && !message.has_tls()) {
      report.Add(tls, "is missing", "say who may connect to a port, or listen on a unix socket");
    }
  }
  control.state_dir = ReadPath(message.state_dir(), false, path.Field("state_dir"), report);
  if (message.has_tls()) control.tls = ReadTls(message.tls(), tls, report);
  if (!message.fleet().address().empty()) {
    control.fleet = ReadFleet(message.fleet(), path.Field("fleet"), report);
  } else if (control.owner == Owner::kFleet) {
    const Path fleet = path.Field("fleet");
    report.Add(fleet.Field("address"), "is missing",
               "say where the control plane is that owns the configuration");
  }
  return control;
}

}  // namespace fairlead::config
