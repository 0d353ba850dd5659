#pragma once

#include <string>
#include <vector>

struct x509_st;

namespace fairlead::tls {

// Who a verified certificate says its holder is.
struct PeerIdentity {
  std::string subject;  // as RFC 2253 writes it: "CN=client,O=Example"
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::string spiffe_id;    // the first URI that is one, or ""
  std::string fingerprint;  // SHA-256 of the certificate, 64 hexadecimal digits
};

PeerIdentity IdentityOf(x509_st* certificate);

// The DNS names in lower case; without any, the common name.
std::vector<std::string> NamesOf(x509_st* certificate);

// Whether one of `names` is among the certificate's: a DNS name (its wildcards count), an IP address, or a
// URI.
bool CertificateNames(x509_st* certificate, const std::vector<std::string>& names);

}  // namespace fairlead::tls
