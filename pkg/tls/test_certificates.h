#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/clock.h"
#include "pkg/tls/certificate.h"
#include "pkg/tls/openssl_ptr.h"
#include "pkg/tls/pem.h"
#include "pkg/tls/trust_store.h"

// For tests: an authority that issues certificates on the spot, so that none lies in the tree and expires.

namespace fairlead::tls {

enum class TestKey { kRsa2048, kRsa1024, kEcdsa, kEd25519 };

struct TestRequest {
  std::string common_name = "test";
  std::vector<std::string> names = {};  // DNS
  std::vector<std::string> uris = {};
  TestKey key = TestKey::kEcdsa;
  std::chrono::seconds begins{-3600};  // from now
  std::chrono::seconds ends{86400};
};

struct TestPair {
  Pem chain;
  Pem key;
};

inline KeyPtr NewTestKey(TestKey type) {
  switch (type) {
    case TestKey::kRsa2048:
      return KeyPtr(EVP_RSA_gen(2048));
    case TestKey::kRsa1024:
      return KeyPtr(EVP_RSA_gen(1024));
    case TestKey::kEcdsa:
      return KeyPtr(EVP_EC_gen("P-256"));
    case TestKey::kEd25519:
      return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  return nullptr;
}

class TestAuthority {
 public:
  explicit TestAuthority(std::string_view name = "authority") : key_(NewTestKey(TestKey::kEcdsa)) {
    certificate_ = Make({.common_name = std::string(name)}, key_.get(), true);
  }

  Pem pem() const { return {.name = "ca.pem", .text = PemOf(certificate_.get())}; }

  TestPair Issue(const TestRequest& request) {
    const KeyPtr key = NewTestKey(request.key);
    last_ = Make(request, key.get(), false);
    return {.chain = {.name = "cert.pem", .text = PemOf(last_.get())},
            .key = {.name = "key.pem", .text = PemOf(key.get())}};
  }
  std::shared_ptr<const Certificate> Load(const TestRequest& request) {
    const TestPair pair = Issue(request);
    return *Certificate::Load(pair.chain, pair.key);
  }
  std::shared_ptr<const TrustStore> Trust(const std::optional<Pem>& revoked = std::nullopt) const {
    return *TrustStore::Load(pem(), revoked);
  }

  // A revocation list, with the certificate issued last or with none.
  Pem Revoke(bool last) const {
    const X509CrlPtr crl(X509_CRL_new());
    X509_CRL_set_version(crl.get(), 1);
    X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate_.get()));
    const auto time = std::unique_ptr<ASN1_TIME, OpenSslFree<ASN1_TIME_free>>(ASN1_TIME_new());
    X509_CRL_set1_lastUpdate(crl.get(), X509_gmtime_adj(time.get(), -3600));
    X509_CRL_set1_nextUpdate(crl.get(), X509_gmtime_adj(time.get(), 86400));
    if (last) {
      X509_REVOKED* entry = X509_REVOKED_new();
      X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(last_.get()));
      X509_REVOKED_set_revocationDate(entry, X509_gmtime_adj(time.get(), -60));
      X509_CRL_add0_revoked(crl.get(), entry);
    }
    X509_CRL_sign(crl.get(), key_.get(), EVP_sha256());
    const BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_CRL(out.get(), crl.get());
    return {.name = "crl.pem", .text = TextOf(out.get())};
  }

 private:
  static std::string TextOf(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, size);
  }
  static std::string PemOf(X509* certificate) {
    const BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), certificate);
    return TextOf(out.get());
  }
  static std::string PemOf(EVP_PKEY* key) {
    const BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return TextOf(out.get());
  }

  static void Extend(X509* certificate, int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  X509Ptr Make(const TestRequest& request, EVP_PKEY* key, bool authority) {
    X509Ptr made(X509_new());
    X509* raw = made.get();
    X509_set_version(raw, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(raw), request.begins.count());
    X509_gmtime_adj(X509_getm_notAfter(raw), request.ends.count());
    X509_NAME* subject = X509_get_subject_name(raw);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(request.common_name.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(raw, authority ? subject : X509_get_subject_name(certificate_.get()));
    X509_set_pubkey(raw, key);
    Extend(raw, NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    std::string alternatives;
    for (const std::string& name : request.names) alternatives += ",DNS:" + name;
    for (const std::string& uri : request.uris) alternatives += ",URI:" + uri;
    if (!alternatives.empty()) Extend(raw, NID_subject_alt_name, alternatives.substr(1));
    X509_sign(raw, key_.get(), EVP_sha256());
    return made;
  }

  KeyPtr key_;
  X509Ptr certificate_;
  X509Ptr last_;
  long serial_ = 0;
};

}  // namespace fairlead::tls
