#include "pkg/route/hash_key.h"

#include <variant>

#include "pkg/balancer/stable_hash.h"

namespace fairlead::route {
namespace {

// One overload for each kind of key.
std::optional<uint64_t> KeyOf(const config::SourceIpKey&, const RequestView& request) {
  if (!request.client) return std::nullopt;
  return balancer::StableHash(request.client->bytes());
}

}  // namespace

std::optional<uint64_t> ExtractKey(std::span<const config::HashKey> keys, const RequestView& request) {
  for (const config::HashKey& key : keys) {
    const std::optional<uint64_t> value =
        std::visit([&](const auto& kind) { return KeyOf(kind, request); }, key);
    if (value) return value;
  }
  return std::nullopt;
}

}  // namespace fairlead::route
