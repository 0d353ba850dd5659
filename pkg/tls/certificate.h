#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pkg/base/clock.h"
#include "pkg/tls/pem.h"

namespace fairlead::tls {

// A certificate with its chain and private key: judged as a whole when it is loaded, never changed
// afterwards, shared between threads.
class Certificate {
 public:
  enum class KeyType : uint8_t { kRsa, kEcdsa };

  // `chain`: the certificate first, then those that lead to its root. `key`: not encrypted. Refused, with an
  // error that names the file and the reason: what cannot be read, a key that belongs to another certificate,
  // a certificate that is not valid at `now` (nullopt = whenever), a key that is neither RSA of at least 2048
  // bits nor ECDSA.
  static absl::StatusOr<std::shared_ptr<const Certificate>> Load(const Pem& chain, const Pem& key,
                                                                 std::optional<base::WallTime> now);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  // The DNS names that it is for, in lower case: its subject alternative names or, where it has none, its
  // common name. A leading "*." stands for one label.
  const std::vector<std::string>& names() const { return names_; }
  KeyType key_type() const { return key_type_; }
  // The end of its validity.
  base::WallTime expires() const { return expires_; }

  // OpenSSL's objects, for the other files of this room.
  struct Parts;
  const Parts& parts() const { return *parts_; }

 private:
  Certificate();

  std::unique_ptr<Parts> parts_;
  std::vector<std::string> names_;
  KeyType key_type_ = KeyType::kRsa;
  base::WallTime expires_;
};

}  // namespace fairlead::tls
