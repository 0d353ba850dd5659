#pragma once

#include <cstdint>
#include <memory>
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
  // a key that is neither RSA of at least 2048 bits nor ECDSA. Its dates are not judged: see validity.h.
  static absl::StatusOr<std::shared_ptr<const Certificate>> Load(const Pem& chain, const Pem& key);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  // Where it came from: Pem::name of its chain.
  const std::string& name() const { return name_; }
  // The DNS names that it is for, in lower case: its subject alternative names or, where it has none, its
  // common name. A leading "*." stands for one label.
  const std::vector<std::string>& names() const { return names_; }
  KeyType key_type() const { return key_type_; }
  // The first moment of its validity, and the end of it.
  base::WallTime begins() const { return begins_; }
  base::WallTime expires() const { return expires_; }

  // OpenSSL's objects, for the other files of this room.
  struct Parts;
  const Parts& parts() const { return *parts_; }

 private:
  Certificate();

  std::unique_ptr<Parts> parts_;
  std::string name_;
  std::vector<std::string> names_;
  KeyType key_type_ = KeyType::kRsa;
  base::WallTime begins_;
  base::WallTime expires_;
};

}  // namespace fairlead::tls
