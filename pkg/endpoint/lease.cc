#include "pkg/endpoint/lease.h"

#include <utility>

namespace fairlead::endpoint {

std::optional<Lease> Lease::Take(std::shared_ptr<Endpoint> endpoint) {
  if (!endpoint->TryBeginConnect()) return std::nullopt;
  return Lease(std::move(endpoint), Stage::kConnecting);
}

Lease::Lease(Lease&& other) noexcept : endpoint_(std::move(other.endpoint_)), stage_(other.stage_) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  Release();
  endpoint_ = std::move(other.endpoint_);
  stage_ = other.stage_;
  return *this;
}

Lease::~Lease() {
  Release();
}

void Lease::Connected() {
  if (stage_ != Stage::kConnecting) return;
  stage_ = Stage::kConnected;
  endpoint_->EndConnect();
}

void Lease::BecomeTunnel() {
  Connected();
  if (std::exchange(stage_, Stage::kTunnel) == Stage::kTunnel) return;
  endpoint_->AddTunnels(1);
}

void Lease::Release() {
  if (endpoint_ == nullptr) return;
  if (stage_ == Stage::kConnecting) endpoint_->EndConnect();
  if (stage_ == Stage::kTunnel) endpoint_->AddTunnels(-1);
  endpoint_->AddActive(-1);
}

}  // namespace fairlead::endpoint
