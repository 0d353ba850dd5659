#include "pkg/proxy/client_certificate.h"

#include <algorithm>
#include <vector>

namespace fairlead::proxy {
namespace {

// An authority signs what it is asked to: names may hold what would end a header, or a field of one.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string_view PlainOrNothing(std::string_view text) {
  return IsPlain(text) ? text : std::string_view();
}

std::string_view FirstPlain(const std::vector<std::string>& texts) {
  const auto found = std::find_if(texts.begin(), texts.end(), IsPlain);
  return found == texts.end() ? std::string_view() : std::string_view(*found);
}

void AddQuoted(std::string_view key, std::string_view value, std::string* element) {
  if (!IsPlain(value)) return;
  element->append(";").append(key).append("=");
  if (value.find_first_of(",;=\"\\ ") == std::string_view::npos && !value.empty()) {
    element->append(value);
    return;
  }
  element->push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') element->push_back('\\');
    element->push_back(c);
  }
  element->push_back('"');
}

}  // namespace

route::Variables TlsVariables(const ConnectionInfo& connection) {
  route::Variables variables;
  if (connection.tls == nullptr) return variables;
  variables.tls_version = connection.tls->version;
  variables.tls_cipher = connection.tls->cipher;
  variables.tls_server_name = PlainOrNothing(connection.tls->server_name);
  if (const tls::PeerIdentity* certificate = connection.certificate()) {
    variables.client_subject = PlainOrNothing(certificate->subject);
    variables.client_dns_name = FirstPlain(certificate->dns_names);
    variables.client_spiffe_id = PlainOrNothing(certificate->spiffe_id);
  }
  return variables;
}

std::string ForwardedCertificate(const tls::PeerIdentity& certificate) {
  std::string element = "Hash=" + certificate.fingerprint;
  AddQuoted("Subject", certificate.subject, &element);
  for (const std::string& uri : certificate.uris) AddQuoted("URI", uri, &element);
  for (const std::string& name : certificate.dns_names) AddQuoted("DNS", name, &element);
  return element;
}

std::string_view NameOf(const tls::PeerIdentity& certificate) {
  if (!certificate.spiffe_id.empty()) return certificate.spiffe_id;
  if (!certificate.uris.empty()) return certificate.uris.front();
  if (!certificate.dns_names.empty()) return certificate.dns_names.front();
  return certificate.subject;
}

}  // namespace fairlead::proxy
