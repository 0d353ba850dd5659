#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pkg/base/clock.h"
#include "pkg/tls/certificate.h"
#include "pkg/tls/ticket_keys.h"
#include "pkg/tls/trust_store.h"

struct ssl_st;

namespace fairlead::tls {

// How a listener speaks TLS: its certificates and what it asks of clients. Immutable and shared between
// threads; a rotation makes a new one, with the same ticket keys, and connections keep what they began with.
class ServerContext {
 public:
  enum class ClientCertificates : uint8_t {
    kNone,      // not asked for
    kOptional,  // asked for; one that is shown must be good
    kRequired,
  };

  struct Options {
    // At least one; the first is shown to clients that name no server, or none that is known. For a name the
    // first that has it exactly is taken, then the first whose wildcard covers it, for RSA and ECDSA each.
    std::vector<std::shared_ptr<const Certificate>> certificates;
    ClientCertificates client_certificates = ClientCertificates::kNone;
    std::shared_ptr<const TrustStore> client_authorities;  // unless kNone
    std::vector<std::string> alpn;  // best first; a client that offers only others is refused (RFC 7301 §3.2)
    std::shared_ptr<TicketKeys> ticket_keys;  // null: no resumption
    bool only_tls13 = false;
    bool compact_records = true;  // whether TLS 1.3 goes on without OpenSSL's SSL (record_sealer.h)
  };

  static absl::StatusOr<std::shared_ptr<const ServerContext>> Make(const Options& options);
  ~ServerContext();
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  const std::vector<std::shared_ptr<const Certificate>>& certificates() const;
  // Whom clients are verified against; null where they are asked for nothing.
  const TrustStore* authorities() const;
  // When the first certificate ends.
  base::WallTime expires() const;

  // For the other files of this room: OpenSSL's object for one connection, which the caller owns.
  ssl_st* NewConnection() const;
  bool compact_records() const;

  struct Parts;

 private:
  explicit ServerContext(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace fairlead::tls
