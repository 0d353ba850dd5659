#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "pkg/endpoint/endpoint.h"

namespace fairlead::endpoint {

// A place on an endpoint, counted from the pick that reserved it until this is destroyed. Keeps the endpoint
// alive. Belongs to one thread at a time.
class Lease {
 public:
  // Reserves a place, of those too that connections in the making have, until Connected. Nothing where the
  // endpoint or its cluster is full.
  static std::optional<Lease> Take(std::shared_ptr<Endpoint> endpoint);

  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  // Neither is to be called on a lease that was moved from.
  Endpoint& endpoint() const { return *endpoint_; }
  const std::shared_ptr<Endpoint>& shared_endpoint() const { return endpoint_; }

  // The connection is made.
  void Connected();
  // The request has become a tunnel: from now on it counts as one, too. Once is enough.
  void BecomeTunnel();

 private:
  enum class Stage : uint8_t { kConnecting, kConnected, kTunnel };

  Lease(std::shared_ptr<Endpoint> endpoint, Stage stage) : endpoint_(std::move(endpoint)), stage_(stage) {}
  void Release();

  std::shared_ptr<Endpoint> endpoint_;
  Stage stage_ = Stage::kConnected;
};

}  // namespace fairlead::endpoint
