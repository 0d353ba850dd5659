#include "pkg/endpoint/lease.h"

#include <utility>

namespace fairlead::endpoint {

Lease::Lease(std::shared_ptr<Endpoint> endpoint) : endpoint_(std::move(endpoint)) {
  endpoint_->AddActive(1);
}

Lease::Lease(Lease&& other) noexcept
    : endpoint_(std::move(other.endpoint_)), tunnel_(std::exchange(other.tunnel_, false)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  Release();
  endpoint_ = std::move(other.endpoint_);
  tunnel_ = std::exchange(other.tunnel_, false);
  return *this;
}

Lease::~Lease() {
  Release();
}

void Lease::BecomeTunnel() {
  if (std::exchange(tunnel_, true)) return;
  endpoint_->AddTunnels(1);
}

void Lease::Release() {
  if (endpoint_ == nullptr) return;
  if (tunnel_) endpoint_->AddTunnels(-1);
  endpoint_->AddActive(-1);
}

}  // namespace fairlead::endpoint
