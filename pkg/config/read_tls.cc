#include "pkg/config/read_tls.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/base/address.h"
#include "pkg/config/file_path.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/quote.h"

namespace fairlead::config {
namespace {

constexpr int kMaxCertificates = 256;
constexpr int kMaxNames = 64;
constexpr size_t kMaxNameBytes = 2048;
constexpr int kMaxProtocols = 16;
constexpr size_t kMaxProtocolBytes = 255;
constexpr size_t kMaxPemBytes = 1 << 20;

// A field, and its name.
struct Field {
  std::string_view name;
  const std::string& value;
};

void CheckPem(const Field& field, const Path& path, Report& report) {
  if (field.value.empty()) return;
  if (field.value.size() > kMaxPemBytes || field.value.find("-----BEGIN ") == std::string::npos) {
    report.Add(path.Field(field.name), "is no text in PEM form of at most 1 MiB",
               "give what stands from -----BEGIN to -----END");
  }
}

// What is no secret is shown and stored as it was given.
void CheckHoldsNoKey(const Field& field, const Path& path, Report& report) {
  if (field.value.find("PRIVATE KEY-----") == std::string::npos) return;
  report.Add(path.Field(field.name), "holds a private key, and is shown to who asks for the configuration",
             "leave it out; the key of a certificate goes into key_pem");
}

PemSource ReadPem(const Field& file, const Field& text, bool required, const Path& path, Report& report) {
  const Path file_path = path.Field(file.name);
  if (!file.value.empty() && !text.value.empty()) {
    report.Add(path.Field(text.name), fmt::format("stands beside {}", file.name), "give one of them");
  } else if (required && file.value.empty() && text.value.empty()) {
    report.Add(file_path, "is missing", fmt::format("give an absolute path, or {}", text.name));
  }
  CheckPem(text, path, report);
  CheckHoldsNoKey(text, path, report);
  return {.file = ReadFilePath(file.value, false, file_path, report), .text = text.value};
}

bool IsHash(std::string_view text) {
  return text.size() == Secret::kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// The key of a listener's certificate, or of a cluster's. What it is must never be in a message.
template <typename Message>
PrivateKeySource ReadKey(const Message& message, bool required, const Path& path, Report& report) {
  PrivateKeySource key;
  const Path file = path.Field("key_file"), text = path.Field("key_pem"), hash = path.Field("key_sha256");
  key.file = ReadFilePath(message.key_file(), false, file, report);
  CheckPem({"key_pem", message.key_pem()}, path, report);
  if (!message.key_pem().empty()) key.secret = Secret(message.key_pem());
  if (!message.key_sha256().empty()) {
    if (!IsHash(message.key_sha256())) {
      report.Add(hash, "is no SHA-256", "give 64 hexadecimal digits in lower case, or key_pem");
    } else if (key.secret.empty()) {
      key.secret = Secret::OfHash(message.key_sha256());
    } else if (key.secret.sha256() != message.key_sha256()) {
      report.Add(hash, "is not that of key_pem", "leave it out");
    }
  }
  if (!key.file.empty() && !key.secret.empty()) {
    report.Add(message.key_pem().empty() ? hash : text, "stands beside key_file", "give one of them");
  } else if (required && key.empty()) {
    report.Add(file, "is missing", "give an absolute path, or key_pem");
  }
  return key;
}

std::vector<std::string> ReadAlpn(const google::protobuf::RepeatedPtrField<std::string>& protocols,
                                  const Path& path, Report& report) {
  if (protocols.empty()) return {"http/1.1"};
  if (protocols.size() > kMaxProtocols) report.Add(path, "is too long", "name at most 16 protocols");
  for (int i = 0; i < protocols.size(); ++i) {
    if (protocols[i].empty() || protocols[i].size() > kMaxProtocolBytes) {
      report.Add(path.Index(static_cast<size_t>(i)), Quote(protocols[i]) + " is no protocol",
                 "give 1 to 255 bytes, such as http/1.1");
    }
  }
  return {protocols.begin(), protocols.end()};
}

TlsRecords ReadRecords(v1::TlsRecords records, const Path& path, Report& report) {
  switch (records) {
    case v1::TLS_RECORDS_UNSPECIFIED:
    case v1::TLS_RECORDS_COMPACT:
      return TlsRecords::kCompact;
    case v1::TLS_RECORDS_OPENSSL:
      return TlsRecords::kOpenSsl;
    default:
      report.Add(path, "is not known", "give COMPACT or OPENSSL");
      return TlsRecords::kCompact;
  }
}

TlsVersion ReadVersion(v1::TlsVersion version, const Path& path, Report& report) {
  switch (version) {
    case v1::TLS_VERSION_UNSPECIFIED:
    case v1::TLS_VERSION_TLS_1_2:
      return TlsVersion::kTls12;
    case v1::TLS_VERSION_TLS_1_3:
      return TlsVersion::kTls13;
    default:
      report.Add(path, "is not known", "give TLS_1_2 or TLS_1_3");
      return TlsVersion::kTls12;
  }
}

std::optional<ClientAuthentication> ReadClients(const v1::ListenerTls& message, const Path& path,
                                                Report& report) {
  ClientAuthentication clients;
  clients.authorities = ReadPem({"client_ca_file", message.client_ca_file()},
                                {"client_ca_pem", message.client_ca_pem()}, false, path, report);
  clients.revoked = ReadPem({"client_crl_file", message.client_crl_file()},
                            {"client_crl_pem", message.client_crl_pem()}, false, path, report);
  const Path mode = path.Field("client_certificates");
  switch (message.client_certificates()) {
    case v1::CLIENT_CERTIFICATES_UNSPECIFIED:
    case v1::CLIENT_CERTIFICATES_REQUIRED:
      break;
    case v1::CLIENT_CERTIFICATES_OPTIONAL:
      clients.required = false;
      break;
    default:
      report.Add(mode, "is not known", "give OPTIONAL or REQUIRED");
  }
  if (!clients.authorities.empty()) return clients;
  const bool asked = message.client_certificates() != v1::CLIENT_CERTIFICATES_UNSPECIFIED;
  if (asked || !clients.revoked.empty()) {
    report.Add(path.Field("client_ca_file"), "is missing", "say who must have signed clients' certificates");
  }
  return std::nullopt;
}

std::vector<std::string> ReadAlternativeNames(const v1::ClusterTls& message, const Path& path,
                                              Report& report) {
  if (message.subject_alt_names_size() > kMaxNames) report.Add(path, "is too long", "give at most 64 names");
  for (int i = 0; i < message.subject_alt_names_size(); ++i) {
    const std::string& name = message.subject_alt_names(i);
    if (name.empty() || name.size() > kMaxNameBytes || name.find('\0') != std::string::npos) {
      report.Add(path.Index(static_cast<size_t>(i)), "is no name",
                 "give a DNS name, an address or a URI of at most 2048 bytes");
    }
  }
  return {message.subject_alt_names().begin(), message.subject_alt_names().end()};
}

}  // namespace

ListenerTls ReadListenerTls(const v1::ListenerTls& message, const Path& path, Report& report) {
  ListenerTls tls;
  const Path certificates = path.Field("certificates");
  if (message.certificates().empty()) report.Add(certificates, "is missing", "give at least one certificate");
  if (message.certificates_size() > kMaxCertificates) {
    report.Add(certificates, "is too long", "give at most 256 certificates");
  }
  for (int i = 0; i < message.certificates_size(); ++i) {
    const v1::TlsCertificate& certificate = message.certificates(i);
    const Path item = certificates.Index(static_cast<size_t>(i));
    tls.certificates.push_back({.chain = ReadPem({"cert_file", certificate.cert_file()},
                                                 {"cert_pem", certificate.cert_pem()}, true, item, report),
                                .key = ReadKey(certificate, true, item, report)});
  }
  tls.clients = ReadClients(message, path, report);
  tls.min_version = ReadVersion(message.min_version(), path.Field("min_version"), report);
  tls.alpn = ReadAlpn(message.alpn(), path.Field("alpn"), report);
  tls.records = ReadRecords(message.records(), path.Field("records"), report);
  return tls;
}

ClusterTls ReadClusterTls(const v1::ClusterTls& message, const std::string& dns_name, const Path& path,
                          Report& report) {
  ClusterTls tls;
  const Path name = path.Field("server_name");
  tls.server_name = message.server_name().empty() ? dns_name : message.server_name();
  if (!message.server_name().empty() && !base::IpAddress::Parse(message.server_name())) {
    CheckDnsName(message.server_name(), name, report);
  }
  tls.subject_alt_names = ReadAlternativeNames(message, path.Field("subject_alt_names"), report);
  if (tls.server_name.empty() && tls.subject_alt_names.empty()) {
    report.Add(name, "is missing", "say whom to expect, here or in subject_alt_names");
  }
  tls.authorities =
      ReadPem({"ca_file", message.ca_file()}, {"ca_pem", message.ca_pem()}, false, path, report);
  tls.revoked =
      ReadPem({"crl_file", message.crl_file()}, {"crl_pem", message.crl_pem()}, false, path, report);
  if (!tls.revoked.empty() && tls.authorities.empty()) {
    report.Add(path.Field("ca_file"), "is missing", "say whose revocation lists they are");
  }
  TlsCertificate certificate;
  certificate.key = ReadKey(message, false, path, report);
  certificate.chain = ReadPem({"cert_file", message.cert_file()}, {"cert_pem", message.cert_pem()},
                              !certificate.key.empty(), path, report);
  if (!certificate.chain.empty() && certificate.key.empty()) {
    report.Add(path.Field("key_file"), "is missing", "give the key of the certificate, or neither");
  }
  if (!certificate.chain.empty()) tls.certificate = std::move(certificate);
  tls.alpn = ReadAlpn(message.alpn(), path.Field("alpn"), report);
  tls.records = ReadRecords(message.records(), path.Field("records"), report);
  return tls;
}

}  // namespace fairlead::config
