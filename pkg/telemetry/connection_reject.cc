#include "pkg/telemetry/connection_reject.h"

#include <cstdlib>

namespace fairlead::telemetry {

std::string_view ToString(ConnectionReject reason) {
  switch (reason) {
    case ConnectionReject::kProxyUntrusted:
      return "proxy_untrusted";
    case ConnectionReject::kProxyHeader:
      return "proxy_header";
    case ConnectionReject::kProxyTimeout:
      return "proxy_timeout";
    case ConnectionReject::kTlsHandshake:
      return "tls_handshake";
    case ConnectionReject::kTlsUnverified:
      return "tls_unverified";
    case ConnectionReject::kTlsTimeout:
      return "tls_timeout";
    case ConnectionReject::kTlsNoKey:
      return "tls_no_key";
    case ConnectionReject::kClientLimit:
      return "client_limit";
  }
  std::abort();
}

}  // namespace fairlead::telemetry
