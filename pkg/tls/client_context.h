#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "pkg/tls/certificate.h"
#include "pkg/tls/trust_store.h"

struct ssl_st;

namespace fairlead::tls {

// How a cluster's backends are spoken to: whom to believe, whom to expect, what to show. Immutable but for
// its cache of sessions, and shared between threads. A rotation makes a new one.
class ClientContext {
 public:
  struct Options {
    std::shared_ptr<const TrustStore> authorities;
    // What the backend is asked for (SNI) and, unless `subject_alt_names` says otherwise, must be: a host
    // name, or an IP address, which is not sent.
    std::string server_name = {};
    // The backend must have one of these instead: DNS names, IP addresses, URIs such as a SPIFFE id.
    std::vector<std::string> subject_alt_names = {};
    std::shared_ptr<const Certificate> certificate;  // shown where the backend asks; may be null
    std::vector<std::string> alpn;
    bool compact_records = true;
  };

  static absl::StatusOr<std::shared_ptr<const ClientContext>> Make(const Options& options);
  ~ClientContext();
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  // What it shows; null = nothing.
  const std::shared_ptr<const Certificate>& certificate() const;

  // Whom backends are verified against.
  const TrustStore* authorities() const;

  // For the other files of this room: OpenSSL's object for one connection, which the caller owns. A session
  // kept under `session_key` is resumed.
  ssl_st* NewConnection(std::string_view session_key) const;
  bool compact_records() const;

  struct Parts;

 private:
  explicit ClientContext(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace fairlead::tls
