#include "pkg/tls/trust_store.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509_vfy.h>

#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/openssl_error.h"
#include "pkg/tls/trust_store_parts.h"

namespace fairlead::tls {
namespace {

// False when the text holds no CRL, or one that cannot be read.
bool AddRevoked(const Pem& pem, X509_STORE* store) {
  ERR_clear_error();
  const BioPtr reader(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
  int count = 0;
  while (X509_CRL* next = PEM_read_bio_X509_CRL(reader.get(), nullptr, nullptr, nullptr)) {
    const X509CrlPtr crl(next);
    if (X509_STORE_add_crl(store, crl.get()) != 1) return false;
    ++count;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end && count > 0;
}

}  // namespace

TrustStore::TrustStore() : parts_(std::make_unique<Parts>()) {
  parts_->store.reset(X509_STORE_new());
  X509_STORE_set_flags(parts_->store.get(), X509_V_FLAG_PARTIAL_CHAIN);
}
TrustStore::~TrustStore() = default;

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Load(const Pem& authorities,
                                                                   const std::optional<Pem>& revoked) {
  std::shared_ptr<TrustStore> loaded(new TrustStore);
  Parts& parts = *loaded->parts_;
  parts.authorities = ParseCertificates(authorities);
  if (parts.authorities.empty()) {
    const std::string why = TakeOpenSslError();
    return absl::InvalidArgumentError(
        fmt::format("{}: {}", authorities.name,
                    why.empty() ? "holds no certificate in PEM form" : "certificate not readable: " + why));
  }
  for (const X509Ptr& authority : parts.authorities) X509_STORE_add_cert(parts.store.get(), authority.get());
  if (revoked) {
    if (!AddRevoked(*revoked, parts.store.get())) {
      return absl::InvalidArgumentError(
          fmt::format("{}: holds no certificate revocation list in PEM form", revoked->name));
    }
    X509_STORE_set_flags(parts.store.get(),
                         X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }
  const std::string content = authorities.text + '\0' + (revoked ? revoked->text : "");
  SHA256(reinterpret_cast<const uint8_t*>(content.data()), content.size(), loaded->id_.data());
  return loaded;
}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::System() {
  std::shared_ptr<TrustStore> loaded(new TrustStore);
  if (X509_STORE_set_default_paths(loaded->parts_->store.get()) != 1) {
    return absl::NotFoundError("the system's certificate authorities: " + TakeOpenSslError());
  }
  return loaded;
}

}  // namespace fairlead::tls
