#include "pkg/config/write_tls_message.h"

#include "fairlead/config/v1/config.pb.h"

namespace fairlead::config {
namespace {

// Of a listener, or of a cluster: both have these fields.
template <typename Message>
void WriteCertificate(const TlsCertificate& certificate, Message* message) {
  message->set_cert_file(certificate.chain.file);
  message->set_cert_pem(certificate.chain.text);
  message->set_key_file(certificate.key.file);
  message->set_key_sha256(certificate.key.secret.sha256());
}

v1::TlsRecords RecordsMessage(TlsRecords records) {
  return records == TlsRecords::kCompact ? v1::TLS_RECORDS_COMPACT : v1::TLS_RECORDS_OPENSSL;
}

}  // namespace

void WriteListenerTlsMessage(const ListenerTls& tls, v1::ListenerTls* message) {
  for (const TlsCertificate& certificate : tls.certificates) {
    WriteCertificate(certificate, message->add_certificates());
  }
  if (tls.clients) {
    message->set_client_ca_file(tls.clients->authorities.file);
    message->set_client_ca_pem(tls.clients->authorities.text);
    message->set_client_crl_file(tls.clients->revoked.file);
    message->set_client_crl_pem(tls.clients->revoked.text);
    message->set_client_certificates(tls.clients->required ? v1::CLIENT_CERTIFICATES_REQUIRED
                                                           : v1::CLIENT_CERTIFICATES_OPTIONAL);
  }
  message->set_min_version(tls.min_version == TlsVersion::kTls12 ? v1::TLS_VERSION_TLS_1_2
                                                                 : v1::TLS_VERSION_TLS_1_3);
  for (const std::string& protocol : tls.alpn) message->add_alpn(protocol);
  message->set_records(RecordsMessage(tls.records));
}

void WriteClusterTlsMessage(const ClusterTls& tls, v1::ClusterTls* message) {
  message->set_server_name(tls.server_name);
  message->set_ca_file(tls.authorities.file);
  message->set_ca_pem(tls.authorities.text);
  message->set_crl_file(tls.revoked.file);
  message->set_crl_pem(tls.revoked.text);
  for (const std::string& name : tls.subject_alt_names) message->add_subject_alt_names(name);
  if (tls.certificate) WriteCertificate(*tls.certificate, message);
  for (const std::string& protocol : tls.alpn) message->add_alpn(protocol);
  message->set_records(RecordsMessage(tls.records));
}

}  // namespace fairlead::config
