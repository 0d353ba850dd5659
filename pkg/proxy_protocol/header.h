#pragma once

#include <optional>
#include <string>

#include "pkg/base/address.h"

namespace fairlead::proxy_protocol {

// What a balancer says of the TLS that it has terminated (§2.2.5, PP2_TYPE_SSL).
struct TlsInfo {
  bool certificate_given = false;     // by the client, on this connection or earlier in the session
  bool certificate_verified = false;  // successfully
  std::string version = {};           // "TLSv1.3"; empty = not said, as all of these
  std::string common_name = {};       // of the client's certificate, UTF-8
  std::string cipher = {};

  friend bool operator==(const TlsInfo&, const TlsInfo&) = default;
};

// What a PROXY header says of a connection.
struct Header {
  // The balancer's own connection, such as its health check: what the socket says of both ends is true.
  bool local = false;
  // The client, and the address that it connected to. Both or neither: a header may say UNKNOWN, or name a
  // family that is no stream of ours (UDP). A unix socket's path may be empty.
  std::optional<base::SocketAddress> source = {};
  std::optional<base::SocketAddress> destination = {};
  std::string authority =
      {};  // the host name that the client asked for, by SNI; empty = not said, as all below
  std::string alpn = {};
  std::string unique_id = {};  // opaque, at most 128 bytes
  std::optional<TlsInfo> tls = {};

  friend bool operator==(const Header&, const Header&) = default;
};

}  // namespace fairlead::proxy_protocol
