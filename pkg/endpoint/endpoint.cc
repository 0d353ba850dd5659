#include "pkg/endpoint/endpoint.h"

#include <utility>

namespace fairlead::endpoint {

Endpoint::Endpoint(std::string cluster, base::SocketAddress address, std::string id)
    : cluster_(std::move(cluster)),
      address_(std::move(address)),
      id_(std::move(id)),
      label_(id_.empty() ? address_.ToString() : id_) {}

}  // namespace fairlead::endpoint
