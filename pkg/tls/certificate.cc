#include "pkg/tls/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <optional>

#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/openssl_error.h"
#include "pkg/tls/peer_identity.h"

namespace fairlead::tls {
namespace {

constexpr int kMinRsaBits = 2048;

BioPtr ReaderOf(const Pem& pem) {
  return BioPtr(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
}

// Where OpenSSL asks for a password: there is none, and it must not ask a terminal.
int NoPassword(char*, int, int, void*) {
  return -1;
}

absl::Status Refuse(const Pem& pem, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", pem.name, why));
}

std::optional<Certificate::KeyType> TypeOf(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return Certificate::KeyType::kRsa;
    case EVP_PKEY_EC:
      return Certificate::KeyType::kEcdsa;
    default:
      return std::nullopt;
  }
}

// The name of the curve; empty where it has none, but parameters of its own.
std::string CurveOf(EVP_PKEY* key) {
  std::array<char, 80> name{};
  size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1) return {name.data(), size};
  ERR_clear_error();
  return "";
}

// What is wrong with its strength or kind; empty = nothing.
std::string TroubleOf(EVP_PKEY* key, Certificate::KeyType type) {
  if (type == Certificate::KeyType::kRsa) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits >= kMinRsaBits) return "";
    return fmt::format("the RSA key has {} bits; at least {} are needed", bits, kMinRsaBits);
  }
  // Those that signatures are for (RFC 8446 §4.2.3), and that peers ask for in TLS 1.2 as well.
  const std::string curve = CurveOf(key);
  for (const std::string_view usable : {SN_X9_62_prime256v1, SN_secp384r1, SN_secp521r1}) {
    if (curve == usable) return "";
  }
  return fmt::format("the ECDSA key is on {}; P-256, P-384 or P-521 is needed",
                     curve.empty() ? "a curve without a name" : "the curve " + curve);
}

}  // namespace

base::WallTime TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  // A WallTime ends in 2262, and dates may go on to 9999.
  using Seconds = std::chrono::sys_seconds;
  const auto since_epoch = std::chrono::seconds(::timegm(&parts));
  return std::clamp(Seconds(since_epoch), std::chrono::ceil<std::chrono::seconds>(base::WallTime::min()),
                    std::chrono::floor<std::chrono::seconds>(base::WallTime::max()));
}

std::vector<X509Ptr> ParseCertificates(const Pem& pem) {
  ERR_clear_error();
  std::vector<X509Ptr> all;
  const BioPtr reader = ReaderOf(pem);
  while (X509* next = PEM_read_bio_X509_AUX(reader.get(), nullptr, NoPassword, nullptr))
    all.emplace_back(next);
  // At the end there is no further start line. Anything else is a certificate that cannot be read.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    all.clear();
  } else {
    ERR_clear_error();
  }
  return all;
}

bool UseCertificate(SSL_CTX* context, const Certificate& certificate) {
  const Certificate::Parts& parts = certificate.parts();
  if (SSL_CTX_use_certificate(context, parts.leaf.get()) != 1) return false;
  if (SSL_CTX_use_PrivateKey(context, parts.key.get()) != 1) return false;
  SSL_CTX_clear_chain_certs(context);
  for (const X509Ptr& link : parts.chain) {
    if (SSL_CTX_add1_chain_cert(context, link.get()) != 1) return false;
  }
  return true;
}

Certificate::Certificate() : parts_(std::make_unique<Parts>()) {}
Certificate::~Certificate() = default;

absl::StatusOr<std::shared_ptr<const Certificate>> Certificate::Load(const Pem& chain, const Pem& key) {
  std::shared_ptr<Certificate> loaded(new Certificate);
  Parts& parts = *loaded->parts_;
  loaded->name_ = chain.name;
  parts.chain = ParseCertificates(chain);
  if (parts.chain.empty()) {
    const std::string why = TakeOpenSslError();
    return Refuse(chain,
                  why.empty() ? "holds no certificate in PEM form" : "certificate not readable: " + why);
  }
  parts.leaf = std::move(parts.chain.front());
  parts.chain.erase(parts.chain.begin());

  ERR_clear_error();
  parts.key.reset(PEM_read_bio_PrivateKey(ReaderOf(key).get(), nullptr, NoPassword, nullptr));
  if (!parts.key) {
    TakeOpenSslError();
    return Refuse(key, "holds no private key in PEM form that can be read without a password");
  }
  if (X509_check_private_key(parts.leaf.get(), parts.key.get()) != 1) {
    TakeOpenSslError();
    return Refuse(key, fmt::format("the private key does not belong to the certificate in {}", chain.name));
  }
  const auto type = TypeOf(parts.key.get());
  if (!type) return Refuse(key, "the key is neither RSA nor ECDSA");
  if (const std::string trouble = TroubleOf(parts.key.get(), *type); !trouble.empty()) {
    return Refuse(key, trouble);
  }
  loaded->key_type_ = *type;
  loaded->expires_ = TimeOf(X509_get0_notAfter(parts.leaf.get()));
  loaded->begins_ = TimeOf(X509_get0_notBefore(parts.leaf.get()));
  loaded->names_ = NamesOf(parts.leaf.get());
  return loaded;
}

}  // namespace fairlead::tls
