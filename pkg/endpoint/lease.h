#pragma once

#include <memory>

#include "pkg/endpoint/endpoint.h"

namespace fairlead::endpoint {

// A place on an endpoint, counted from the pick that reserved it until this is destroyed. Keeps the endpoint
// alive. Belongs to one thread at a time.
class Lease {
 public:
  explicit Lease(std::shared_ptr<Endpoint> endpoint);
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  // Not to be called on a lease that was moved from.
  Endpoint& endpoint() const { return *endpoint_; }

  // The request has become a tunnel: from now on it counts as one, too. Once is enough.
  void BecomeTunnel();

 private:
  void Release();

  std::shared_ptr<Endpoint> endpoint_;
  bool tunnel_ = false;
};

}  // namespace fairlead::endpoint
