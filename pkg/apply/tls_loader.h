#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pkg/apply/key_store.h"
#include "pkg/base/clock.h"
#include "pkg/config/tls.h"
#include "pkg/config/violation.h"
#include "pkg/tls/client_context.h"
#include "pkg/tls/pem.h"
#include "pkg/tls/server_context.h"
#include "pkg/tls/ticket_keys.h"

namespace fairlead::apply {

// A context that was loaded, and what tells it from one that was made of other content.
template <typename Context>
struct LoadedTls {
  std::string digest;
  std::shared_ptr<const Context> context;
};

// Makes TLS contexts of what the configuration and the files that it names say now. Apply thread.
class TlsLoader {
 public:
  // Both outlive it.
  TlsLoader(KeyStore& keys, const base::Clock& clock);

  // The key is not here yet; everything else may be good.
  struct NoKey {
    config::Violation violation;
  };
  // A violation's path begins behind "tls.".
  template <typename Context>
  using Result = std::variant<LoadedTls<Context>, NoKey, config::Violation>;

  // `known` is what is in use, if anything: taken again where nothing has changed.
  Result<tls::ServerContext> Load(const config::ListenerTls& tls, const LoadedTls<tls::ServerContext>* known);
  Result<tls::ClientContext> Load(const config::ClusterTls& tls, const LoadedTls<tls::ClientContext>* known);

 private:
  KeyStore& keys_;
  // One set for all listeners and the whole life of the process: a client resumes wherever it lands, and
  // whatever certificates have come since.
  const std::shared_ptr<tls::TicketKeys> ticket_keys_;
};

}  // namespace fairlead::apply
