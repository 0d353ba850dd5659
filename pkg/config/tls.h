#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/config/secret.h"

namespace fairlead::config {

// Something public in PEM: the path of a file, or the text itself. Neither = nothing.
struct PemSource {
  std::string file;
  std::string text;

  bool empty() const { return file.empty() && text.empty(); }
  auto operator<=>(const PemSource&) const = default;
};

// The file or the text; one of the two.
struct PrivateKeySource {
  std::string file;
  Secret secret;

  bool empty() const { return file.empty() && secret.empty(); }
  auto operator<=>(const PrivateKeySource&) const = default;
};

struct TlsCertificate {
  PemSource chain;
  PrivateKeySource key;

  auto operator<=>(const TlsCertificate&) const = default;
};

enum class TlsRecords : uint8_t { kCompact, kOpenSsl };

enum class TlsVersion : uint8_t { kTls12, kTls13 };

// Whom a listener lets in by certificate.
struct ClientAuthentication {
  PemSource authorities;
  PemSource revoked;
  bool required = true;

  auto operator<=>(const ClientAuthentication&) const = default;
};

struct ListenerTls {
  std::vector<TlsCertificate> certificates;
  std::optional<ClientAuthentication> clients;  // nothing = they are not asked
  TlsVersion min_version = TlsVersion::kTls12;
  std::vector<std::string> alpn;
  TlsRecords records = TlsRecords::kCompact;

  auto operator<=>(const ListenerTls&) const = default;
};

struct ClusterTls {
  std::string server_name;
  PemSource authorities;  // empty = the system's
  PemSource revoked;
  std::vector<std::string> subject_alt_names;
  std::optional<TlsCertificate> certificate;
  std::vector<std::string> alpn;
  TlsRecords records = TlsRecords::kCompact;

  auto operator<=>(const ClusterTls&) const = default;
};

}  // namespace fairlead::config
