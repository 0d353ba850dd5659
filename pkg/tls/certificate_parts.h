#pragma once

#include <vector>

#include "pkg/tls/certificate.h"
#include "pkg/tls/openssl_ptr.h"

namespace fairlead::tls {

struct Certificate::Parts {
  X509Ptr leaf;
  std::vector<X509Ptr> chain;  // without the leaf
  KeyPtr key;
};

base::WallTime TimeOf(const ASN1_TIME* time);

// All certificates of a PEM text, in its order; empty when one of them cannot be read.
std::vector<X509Ptr> ParseCertificates(const Pem& pem);

// Gives the context this certificate to show. False, with OpenSSL's error set, when it will not have it.
bool UseCertificate(SSL_CTX* context, const Certificate& certificate);

}  // namespace fairlead::tls
