#include "pkg/tls/revocation_dates.h"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <map>

#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/trust_store_parts.h"
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

Lists ListsOf(const TrustStore* authorities) {
  if (authorities == nullptr) return {};
  X509_STORE* const store = authorities->parts().store.get();
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

}  // namespace

std::string CrlsOutOfDate(const TrustStore* authorities, base::WallTime now) {
  for (const auto& [issuer, dates] : ListsOf(authorities)) {
    if (now >= dates.ends) {
      return fmt::format("the revocation list of {} expired at {}", issuer, MomentOf(dates.ends));
    }
    if (now < dates.begins) {
      return fmt::format("the revocation list of {} is not valid before {}", issuer, MomentOf(dates.begins));
    }
  }
  return "";
}

std::string CrlsExpireSoon(const TrustStore* authorities, base::WallTime now) {
  for (const auto& [issuer, dates] : ListsOf(authorities)) {
    if (now >= dates.begins && now < dates.ends && EndsSoon(dates.begins, dates.ends, now)) {
      return fmt::format("the revocation list of {} expires at {}", issuer, MomentOf(dates.ends));
    }
  }
  return "";
}

std::optional<base::WallTime> EarliestCrlExpiry(const TrustStore* authorities) {
  base::WallTime first = base::WallTime::max();
  for (const auto& [issuer, dates] : ListsOf(authorities)) first = std::min(first, dates.ends);
  return first == base::WallTime::max() ? std::nullopt : std::optional(first);
}

}  // namespace fairlead::tls
