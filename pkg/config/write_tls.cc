#include "pkg/config/write_tls.h"

#include <string_view>

namespace fairlead::config {
namespace {

void WriteOptional(std::string_view name, const std::string& value, JsonWriter& json) {
  if (!value.empty()) json.Text(name, value);
}

void WriteCertificate(const TlsCertificate& certificate, JsonWriter& json) {
  WriteOptional("cert_file", certificate.chain.file, json);
  WriteOptional("cert_pem", certificate.chain.text, json);
  WriteOptional("key_file", certificate.key.file, json);
  WriteOptional("key_sha256", certificate.key.secret.sha256(), json);
}

void WriteCommon(const std::vector<std::string>& alpn, TlsRecords records, JsonWriter& json) {
  json.Texts("alpn", alpn);
  json.Text("records", records == TlsRecords::kCompact ? "COMPACT" : "OPENSSL");
}

}  // namespace

void WriteListenerTls(const ListenerTls& tls, JsonWriter& json) {
  json.BeginObject("tls");
  json.BeginList("certificates");
  for (const TlsCertificate& certificate : tls.certificates) {
    json.BeginObject();
    WriteCertificate(certificate, json);
    json.EndObject();
  }
  json.EndList();
  if (tls.clients) {
    WriteOptional("client_ca_file", tls.clients->authorities.file, json);
    WriteOptional("client_ca_pem", tls.clients->authorities.text, json);
    WriteOptional("client_crl_file", tls.clients->revoked.file, json);
    WriteOptional("client_crl_pem", tls.clients->revoked.text, json);
    json.Text("client_certificates", tls.clients->required ? "REQUIRED" : "OPTIONAL");
  }
  json.Text("min_version", tls.min_version == TlsVersion::kTls12 ? "TLS_1_2" : "TLS_1_3");
  WriteCommon(tls.alpn, tls.records, json);
  json.EndObject();
}

void WriteClusterTls(const ClusterTls& tls, JsonWriter& json) {
  json.BeginObject("tls");
  WriteOptional("server_name", tls.server_name, json);
  WriteOptional("ca_file", tls.authorities.file, json);
  WriteOptional("ca_pem", tls.authorities.text, json);
  WriteOptional("crl_file", tls.revoked.file, json);
  WriteOptional("crl_pem", tls.revoked.text, json);
  if (!tls.subject_alt_names.empty()) json.Texts("subject_alt_names", tls.subject_alt_names);
  if (tls.certificate) WriteCertificate(*tls.certificate, json);
  WriteCommon(tls.alpn, tls.records, json);
  json.EndObject();
}

}  // namespace fairlead::config
