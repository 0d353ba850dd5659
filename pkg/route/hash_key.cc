#include "pkg/route/hash_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "pkg/balancer/stable_hash.h"
#include "pkg/http1/cookies.h"
#include "pkg/route/query.h"

namespace fairlead::route {
namespace {

// Empty = nothing to hash.
std::optional<uint64_t> HashOf(std::optional<std::string_view> value) {
  if (!value || value->empty()) return std::nullopt;
  return balancer::StableHash(*value);
}

// One overload for each kind of key.
std::optional<uint64_t> KeyOf(const config::SourceIpKey& key, const RequestView& request) {
  if (!request.client) return std::nullopt;
  std::array<char, 16> bytes{};
  const std::string_view address = request.client->bytes();
  std::copy(address.begin(), address.end(), bytes.begin());
  const unsigned bits = request.client->is_v4() ? key.ipv4_prefix_length : key.ipv6_prefix_length;
  for (size_t i = 0; i < address.size(); ++i) {
    const unsigned kept = bits > 8 * i ? std::min<unsigned>(8, bits - 8 * i) : 0;
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) & (0xff00u >> kept));
  }
  return balancer::StableHash({bytes.data(), address.size()});
}

std::optional<uint64_t> KeyOf(const config::HeaderKey& key, const RequestView& request) {
  return HashOf(request.headers.Get(key.name));
}

std::optional<uint64_t> KeyOf(const config::CookieKey& key, const RequestView& request) {
  return HashOf(http1::FindCookie(request.headers, key.name));
}

std::optional<uint64_t> KeyOf(const config::QueryKey& key, const RequestView& request) {
  return HashOf(FindParameter(request.query, key.name));
}

std::optional<uint64_t> KeyOf(const config::PathKey& key, const RequestView& request) {
  size_t end = 0;
  for (uint32_t segment = 0; segment < key.segments && end != std::string_view::npos; ++segment) {
    end = request.path.find('/', end + 1);
  }
  return HashOf(key.segments == 0 ? request.path : request.path.substr(0, end));
}

std::string DescribeKey(const config::SourceIpKey& key) {
  return fmt::format("source_ip {} {}", key.ipv4_prefix_length, key.ipv6_prefix_length);
}
std::string DescribeKey(const config::HeaderKey& key) {
  return "header " + key.name;
}
std::string DescribeKey(const config::CookieKey& key) {
  return "cookie " + key.name;  // how it is issued makes no other keys
}
std::string DescribeKey(const config::QueryKey& key) {
  return "query " + key.name;
}
std::string DescribeKey(const config::PathKey& key) {
  return fmt::format("path {}", key.segments);
}

}  // namespace

uint32_t FingerprintOf(std::span<const config::HashKey> keys) {
  std::string description;
  for (const config::HashKey& key : keys) {
    description += std::visit([](const auto& kind) { return DescribeKey(kind); }, key) + "\n";
  }
  return static_cast<uint32_t>(balancer::StableHash(description));
}

std::optional<uint64_t> ExtractKey(std::span<const config::HashKey> keys, const RequestView& request) {
  for (const config::HashKey& key : keys) {
    const std::optional<uint64_t> value =
        std::visit([&](const auto& kind) { return KeyOf(kind, request); }, key);
    if (value) return value;
  }
  return std::nullopt;
}

const config::CookieKey* CookieToIssue(std::span<const config::HashKey> keys, const RequestView& request) {
  for (const config::HashKey& key : keys) {
    if (std::visit([&](const auto& kind) { return KeyOf(kind, request); }, key)) return nullptr;
    const auto* cookie = std::get_if<config::CookieKey>(&key);
    if (cookie != nullptr && cookie->issue) return cookie;
  }
  return nullptr;
}

}  // namespace fairlead::route
