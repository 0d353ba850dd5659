#include "pkg/tls/revocation_dates.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <map>

#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/validity.h"

namespace fairlead::tls {
namespace {

std::string IssuerOf(const X509_CRL* list) {
  std::array<char, 256> name{};
  X509_NAME_oneline(X509_CRL_get_issuer(list), name.data(), static_cast<int>(name.size()));
  return name.data();
}

base::WallTime EndOf(const X509_CRL* list) {
  const ASN1_TIME* const end = X509_CRL_get0_nextUpdate(list);
  return end == nullptr ? base::WallTime::max() : TimeOf(end);
}

std::string TroubleOf(const X509_CRL* list, base::WallTime now) {
  const base::WallTime begins = TimeOf(X509_CRL_get0_lastUpdate(list));
  if (now >= EndOf(list)) {
    return fmt::format("the revocation list of {} expired at {}", IssuerOf(list), MomentOf(EndOf(list)));
  }
  if (now < begins) {
    return fmt::format("the revocation list of {} is not valid before {}", IssuerOf(list), MomentOf(begins));
  }
  return "";
}

std::string OutOfDateIn(X509_STORE* store, base::WallTime now) {
  // A handshake may add to it what lies in the system's directories.
  X509_STORE_lock(store);
  std::map<std::string, const X509_CRL*> newest;
  const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509_CRL* const list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
    if (list == nullptr) continue;
    const X509_CRL*& known = newest[IssuerOf(list)];
    if (known == nullptr || EndOf(list) > EndOf(known)) known = list;
  }
  std::string trouble;
  for (const auto& [issuer, list] : newest) {
    if (trouble.empty()) trouble = TroubleOf(list, now);
  }
  X509_STORE_unlock(store);
  return trouble;
}

// Of the context that a connection would have.
std::string OutOfDateFor(const SslPtr& connection, base::WallTime now) {
  if (!connection) return "";
  return OutOfDateIn(SSL_CTX_get_cert_store(SSL_get_SSL_CTX(connection.get())), now);
}

}  // namespace

std::string ListsOutOfDate(const ServerContext& context, base::WallTime now) {
  return OutOfDateFor(SslPtr(context.NewConnection()), now);
}

std::string ListsOutOfDate(const ClientContext& context, base::WallTime now) {
  return OutOfDateFor(SslPtr(context.NewConnection("")), now);
}

}  // namespace fairlead::tls
