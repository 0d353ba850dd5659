#include "pkg/tls/peer_identity.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "pkg/tls/openssl_ptr.h"

namespace fairlead::tls {
namespace {

using NamesPtr = std::unique_ptr<GENERAL_NAMES, OpenSslFree<GENERAL_NAMES_free>>;

NamesPtr AlternativeNames(X509* certificate) {
  return NamesPtr(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

// The names of one type, as they stand there. One with a NUL inside is nobody's name.
std::vector<std::string> NamesOfType(X509* certificate, int type) {
  std::vector<std::string> found;
  const NamesPtr names = AlternativeNames(certificate);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != type) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.ia5));
    const std::string_view view(text, ASN1_STRING_length(name->d.ia5));
    if (view.find('\0') == std::string_view::npos) found.emplace_back(view);
  }
  return found;
}

std::string CommonName(X509* certificate) {
  std::array<char, 256> text{};
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text.data(),
                                             static_cast<int>(text.size()));
  const std::string_view view(text.data(), std::max(size, 0));
  return view.find('\0') == std::string_view::npos ? std::string(view) : "";
}

std::string SubjectOf(X509* certificate) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return std::string(data, size);
}

std::string FingerprintOf(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace

PeerIdentity IdentityOf(X509* certificate) {
  PeerIdentity identity{.subject = SubjectOf(certificate),
                        .dns_names = NamesOfType(certificate, GEN_DNS),
                        .uris = NamesOfType(certificate, GEN_URI),
                        .spiffe_id = {},
                        .fingerprint = FingerprintOf(certificate)};
  const auto spiffe = std::find_if(identity.uris.begin(), identity.uris.end(),
                                   [](std::string_view uri) { return uri.substr(0, 9) == "spiffe://"; });
  if (spiffe != identity.uris.end()) identity.spiffe_id = *spiffe;
  return identity;
}

std::vector<std::string> NamesOf(X509* certificate) {
  std::vector<std::string> names = NamesOfType(certificate, GEN_DNS);
  if (names.empty()) names.push_back(CommonName(certificate));
  for (std::string& name : names) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  }
  std::erase(names, "");
  return names;
}

bool CertificateNames(X509* certificate, const std::vector<std::string>& names) {
  const std::vector<std::string> uris = NamesOfType(certificate, GEN_URI);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    if (name.find("://") != std::string::npos) return std::find(uris.begin(), uris.end(), name) != uris.end();
    return X509_check_ip_asc(certificate, name.c_str(), 0) == 1 ||
           X509_check_host(certificate, name.data(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                           nullptr) == 1;
  });
}

}  // namespace fairlead::tls
