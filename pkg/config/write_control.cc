#include "pkg/config/write_control.h"

#include <string_view>

#include "pkg/config/owner_name.h"

namespace fairlead::config {
namespace {

std::string_view Name(ControlRole role) {
  switch (role) {
    case ControlRole::kReader:
      return "READER";
    case ControlRole::kEndpointWriter:
      return "ENDPOINT_WRITER";
    case ControlRole::kConfigWriter:
      return "CONFIG_WRITER";
    case ControlRole::kDrainer:
      return "DRAINER";
  }
  return "";
}

void WriteTls(const ControlTls& tls, JsonWriter& json) {
  json.BeginObject("tls");
  json.Text("cert_file", tls.cert_file);
  json.Text("key_file", tls.key_file);
  json.Text("client_ca_file", tls.client_ca_file);
  json.BeginList("grants");
  for (const ControlGrant& grant : tls.grants) {
    json.BeginObject();
    json.Text("peer", grant.peer);
    json.BeginList("roles");
    for (const ControlRole role : grant.roles) json.Text(Name(role));
    json.EndList();
    json.EndObject();
  }
  json.EndList();
  json.EndObject();
}

void WriteFleet(const Fleet& fleet, JsonWriter& json) {
  json.BeginObject("fleet");
  json.Text("address", fleet.address);
  json.Text("server_name", fleet.server_name);
  json.Text("ca_file", fleet.ca_file);
  json.Text("cert_file", fleet.cert_file);
  json.Text("key_file", fleet.key_file);
  json.Text("token_file", fleet.token_file);
  json.EndObject();
}

}  // namespace

void WriteControl(const Control& control, JsonWriter& json) {
  json.BeginObject("control");
  json.Text("owner", config::Name(control.owner));
  json.Text("address", control.address ? control.address->ToString() : "");
  json.Text("state_dir", control.state_dir);
  json.Text("secret_dir", control.secret_dir);
  if (control.tls) WriteTls(*control.tls, json);
  if (control.fleet) WriteFleet(*control.fleet, json);
  json.EndObject();
}

}  // namespace fairlead::config
