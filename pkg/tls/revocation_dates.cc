#include "pkg/tls/revocation_dates.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
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

struct Dates {
  base::WallTime begins;
  base::WallTime ends;
};

// The newest list of each authority, by its name.
using Lists = std::map<std::string, Dates>;

Lists ListsIn(X509_STORE* store) {
  // A handshake may add to it what lies in the system's directories.
  X509_STORE_lock(store);
  Lists newest;
  const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509_CRL* const list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
    if (list == nullptr) continue;
    const Dates dates{.begins = TimeOf(X509_CRL_get0_lastUpdate(list)), .ends = EndOf(list)};
    const auto [known, first] = newest.try_emplace(IssuerOf(list), dates);
    if (!first && dates.ends > known->second.ends) known->second = dates;
  }
  X509_STORE_unlock(store);
  return newest;
}

// Of the context that a connection would have.
Lists ListsOf(const SslPtr& connection) {
  if (!connection) return {};
  return ListsIn(SSL_CTX_get_cert_store(SSL_get_SSL_CTX(connection.get())));
}

std::string OutOfDateOf(const Lists& lists, base::WallTime now) {
  for (const auto& [issuer, dates] : lists) {
    if (now >= dates.ends) {
      return fmt::format("the revocation list of {} expired at {}", issuer, MomentOf(dates.ends));
    }
    if (now < dates.begins) {
      return fmt::format("the revocation list of {} is not valid before {}", issuer, MomentOf(dates.begins));
    }
  }
  return "";
}

std::string SoonOf(const Lists& lists, base::WallTime now) {
  for (const auto& [issuer, dates] : lists) {
    if (now >= dates.begins && now < dates.ends && EndsSoon(dates.begins, dates.ends, now)) {
      return fmt::format("the revocation list of {} expires at {}", issuer, MomentOf(dates.ends));
    }
  }
  return "";
}

std::optional<base::WallTime> FirstEndOf(const Lists& lists) {
  base::WallTime first = base::WallTime::max();
  for (const auto& [issuer, dates] : lists) first = std::min(first, dates.ends);
  return first == base::WallTime::max() ? std::nullopt : std::optional(first);
}

}  // namespace

std::string CrlsOutOfDate(const ServerContext& context, base::WallTime now) {
  return OutOfDateOf(ListsOf(SslPtr(context.NewConnection())), now);
}

std::string CrlsOutOfDate(const ClientContext& context, base::WallTime now) {
  return OutOfDateOf(ListsOf(SslPtr(context.NewConnection(""))), now);
}

std::string CrlsExpireSoon(const ServerContext& context, base::WallTime now) {
  return SoonOf(ListsOf(SslPtr(context.NewConnection())), now);
}

std::string CrlsExpireSoon(const ClientContext& context, base::WallTime now) {
  return SoonOf(ListsOf(SslPtr(context.NewConnection(""))), now);
}

std::optional<base::WallTime> EarliestCrlExpiry(const ServerContext& context) {
  return FirstEndOf(ListsOf(SslPtr(context.NewConnection())));
}

std::optional<base::WallTime> EarliestCrlExpiry(const ClientContext& context) {
  return FirstEndOf(ListsOf(SslPtr(context.NewConnection(""))));
}

}  // namespace fairlead::tls
