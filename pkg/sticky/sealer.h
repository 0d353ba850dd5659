#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_cipher_st;  // OpenSSL's EVP_CIPHER

namespace fairlead::sticky {

// Makes and reads the values of sticky cookies with one secret: AES-SIV (RFC 5297), so the same endpoint has
// always the same value, and any change to one shows. Immutable; any thread.
class Sealer {
 public:
  static constexpr size_t kMinSecretBytes = 32;
  // The longest value that Seal makes: of a label of 128 bytes.
  static constexpr size_t kMaxValueBytes = 192;

  explicit Sealer(std::string_view secret);

  // The value for an endpoint of a cluster, by its label: letters, digits, "-" and "_". Empty where the label
  // is too long, or the library fails.
  std::string Seal(std::string_view cluster, std::string_view label) const;
  // The label; nothing where the value was not sealed for this cluster with this secret.
  std::optional<std::string> Open(std::string_view cluster, std::string_view value) const;

 private:
  std::array<unsigned char, 64> key_;
  std::shared_ptr<evp_cipher_st> cipher_;  // null where the library has none
};

// By the cluster's name.
using Sealers = std::map<std::string, std::shared_ptr<const Sealer>, std::less<>>;

}  // namespace fairlead::sticky
