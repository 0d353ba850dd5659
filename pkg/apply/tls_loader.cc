#include "pkg/apply/tls_loader.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <string_view>
#include <utility>

namespace fairlead::apply {
namespace {

constexpr std::string_view kReadable = "give a file of that kind that this process may read";

// A certificate or list as it was read, and the field that said where it is.
struct Source {
  std::string path;
  tls::Pem pem;
};

struct PairSource {
  Source chain;
  Source key;
};

// Reads everything that a context is made of, up to the first thing that is wrong.
class Reader {
 public:
  explicit Reader(KeyStore& keys) : keys_(keys), digest_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(digest_, EVP_sha256(), nullptr);
  }

  Source Read(const config::PemSource& source, const std::string& file_path, const std::string& text_path) {
    if (!source.text.empty()) return Note({text_path, {.name = text_path, .text = source.text}});
    return ReadFile(source.file, file_path);
  }

  PairSource Read(const config::TlsCertificate& certificate, const std::string& at) {
    PairSource pair{.chain = Read(certificate.chain, at + "cert_file", at + "cert_pem"), .key = {}};
    const config::Secret& secret = certificate.key.secret;
    if (secret.empty()) {
      pair.key = ReadFile(certificate.key.file, at + "key_file");
    } else if (const auto text = keys_.Find(secret)) {
      pair.key = Note({at + "key_pem", {.name = at + "key_pem", .text = *text}});
    } else if (!failed()) {
      missing_key_ = {.path = at + "key_sha256",
                      .line = 0,
                      .problem = "names a key that is not here",
                      .remedy = "give the key itself, as key_pem"};
    }
    return pair;
  }

  std::shared_ptr<const tls::Certificate> Load(const PairSource& pair) {
    if (failed()) return nullptr;
    auto loaded = tls::Certificate::Load(pair.chain.pem, pair.key.pem);
    if (loaded.ok()) return *std::move(loaded);
    const std::string message(loaded.status().message());
    const bool key = message.starts_with(pair.key.pem.name + ":");
    Fail(key ? pair.key.path : pair.chain.path, message, "give a certificate and the key that belongs to it");
    return nullptr;
  }

  std::shared_ptr<const tls::TrustStore> Load(const Source& authorities,
                                              const std::optional<Source>& revoked) {
    if (failed()) return nullptr;
    std::optional<tls::Pem> list;
    if (revoked) list = revoked->pem;
    auto loaded = tls::TrustStore::Load(authorities.pem, list);
    if (loaded.ok()) return *std::move(loaded);
    const std::string message(loaded.status().message());
    const bool of_list = revoked && message.starts_with(revoked->pem.name + ":");
    Fail(of_list ? revoked->path : authorities.path, message,
         of_list ? "give revocation lists in PEM form" : "give the authorities' certificates in PEM form");
    return nullptr;
  }

  void Fail(std::string path, std::string problem, std::string_view remedy) {
    if (failed()) return;
    violation_ = {
        .path = std::move(path), .line = 0, .problem = std::move(problem), .remedy = std::string(remedy)};
  }

  bool failed() const { return violation_ || missing_key_; }
  // What is wrong, as the result of a load.
  template <typename Context>
  TlsLoader::Result<Context> Failure() const {
    if (violation_) return *violation_;
    return TlsLoader::NoKey{*missing_key_};
  }

  // Of everything that was read; once.
  std::string TakeDigest() {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    EVP_DigestFinal_ex(digest_, reinterpret_cast<unsigned char*>(digest.data()), nullptr);
    return digest;
  }

  ~Reader() { EVP_MD_CTX_free(digest_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

 private:
  Source ReadFile(const std::string& file, const std::string& path) {
    auto pem = tls::ReadPemFile(file);
    if (pem.ok()) return Note({path, *std::move(pem)});
    Fail(path, std::string(pem.status().message()), kReadable);
    return {path, {}};
  }

  Source Note(Source source) {
    // Without a copy, which would have to be wiped.
    const std::string length = fmt::format("{}:", source.pem.text.size());
    EVP_DigestUpdate(digest_, length.data(), length.size());
    EVP_DigestUpdate(digest_, source.pem.text.data(), source.pem.text.size());
    return source;
  }

  KeyStore& keys_;
  EVP_MD_CTX* const digest_;  // of all that was read
  std::optional<config::Violation> violation_;
  std::optional<config::Violation> missing_key_;
};

}  // namespace

TlsLoader::TlsLoader(KeyStore& keys, const base::Clock& clock)
    : keys_(keys), ticket_keys_(std::make_shared<tls::TicketKeys>(clock)) {}

TlsLoader::Result<tls::ServerContext> TlsLoader::Load(const config::ListenerTls& tls,
                                                      const LoadedTls<tls::ServerContext>* known) {
  using Mode = tls::ServerContext::ClientCertificates;
  Reader reader(keys_);
  std::vector<PairSource> pairs;
  for (size_t i = 0; i < tls.certificates.size(); ++i) {
    pairs.push_back(reader.Read(tls.certificates[i], fmt::format("certificates[{}].", i)));
  }
  Source authorities;
  std::optional<Source> revoked;
  if (tls.clients) {
    authorities = reader.Read(tls.clients->authorities, "client_ca_file", "client_ca_pem");
    if (!tls.clients->revoked.empty()) {
      revoked = reader.Read(tls.clients->revoked, "client_crl_file", "client_crl_pem");
    }
  }
  std::string digest = reader.TakeDigest();
  if (!reader.failed() && known != nullptr && known->digest == digest) return *known;

  tls::ServerContext::Options options;
  for (const PairSource& pair : pairs) options.certificates.push_back(reader.Load(pair));
  if (tls.clients) {
    options.client_certificates = tls.clients->required ? Mode::kRequired : Mode::kOptional;
    options.client_authorities = reader.Load(authorities, revoked);
  }
  options.alpn = tls.alpn;
  options.ticket_keys = ticket_keys_;
  options.only_tls13 = tls.min_version == config::TlsVersion::kTls13;
  options.compact_records = tls.records == config::TlsRecords::kCompact;
  if (reader.failed()) return reader.Failure<tls::ServerContext>();
  auto made = tls::ServerContext::Make(options);
  if (made.ok()) return LoadedTls<tls::ServerContext>{std::move(digest), *std::move(made)};
  reader.Fail("certificates", std::string(made.status().message()), "give certificates that can be used");
  return reader.Failure<tls::ServerContext>();
}

TlsLoader::Result<tls::ClientContext> TlsLoader::Load(const config::ClusterTls& tls,
                                                      const LoadedTls<tls::ClientContext>* known) {
  Reader reader(keys_);
  Source authorities;
  std::optional<Source> revoked;
  if (!tls.authorities.empty()) authorities = reader.Read(tls.authorities, "ca_file", "ca_pem");
  if (!tls.revoked.empty()) revoked = reader.Read(tls.revoked, "crl_file", "crl_pem");
  std::optional<PairSource> pair;
  if (tls.certificate) pair = reader.Read(*tls.certificate, "");
  std::string digest = reader.TakeDigest();
  if (!reader.failed() && known != nullptr && known->digest == digest) return *known;

  tls::ClientContext::Options options;
  if (!tls.authorities.empty()) {
    options.authorities = reader.Load(authorities, revoked);
  } else if (auto system = tls::TrustStore::System(); system.ok()) {
    options.authorities = *std::move(system);
  } else {
    reader.Fail("ca_file", std::string(system.status().message()), "give authorities of your own");
  }
  if (pair) options.certificate = reader.Load(*pair);
  options.server_name = tls.server_name;
  options.subject_alt_names = tls.subject_alt_names;
  options.alpn = tls.alpn;
  options.compact_records = tls.records == config::TlsRecords::kCompact;
  if (reader.failed()) return reader.Failure<tls::ClientContext>();
  auto made = tls::ClientContext::Make(options);
  if (made.ok()) return LoadedTls<tls::ClientContext>{std::move(digest), *std::move(made)};
  reader.Fail("server_name", std::string(made.status().message()), "give what can be used");
  return reader.Failure<tls::ClientContext>();
}

}  // namespace fairlead::apply
