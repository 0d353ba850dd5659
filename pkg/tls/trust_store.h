#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "pkg/tls/pem.h"

namespace fairlead::tls {

// The authorities whose certificates are believed, and what they have revoked. Immutable, shared between
// threads.
class TrustStore {
 public:
  // `authorities`: one or more certificates; an intermediate one is trusted as much as a root. With
  // `revoked`, one or more CRLs, a certificate passes only where every authority of its chain has a current
  // CRL that does not list it.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Load(const Pem& authorities,
                                                                const std::optional<Pem>& revoked);
  // Those that the system trusts.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> System();
  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

  // The same for stores of the same content: what was verified against one is good for no other.
  const std::array<uint8_t, 32>& id() const { return id_; }

  // OpenSSL's objects, for the other files of this room.
  struct Parts;
  const Parts& parts() const { return *parts_; }

 private:
  TrustStore();

  std::unique_ptr<Parts> parts_;
  std::array<uint8_t, 32> id_{};
};

}  // namespace fairlead::tls
