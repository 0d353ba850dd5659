#include "pkg/apply/sticky_secrets.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "pkg/base/read_file.h"

namespace fairlead::apply {
namespace {

constexpr size_t kMaxSecretBytes = 64 * 1024;

std::string RandomSecret() {
  std::array<char, sticky::Sealer::kMinSecretBytes> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  return {bytes.begin(), bytes.end()};
}

// What the file holds; what is wrong with it goes to *problem.
std::string ReadSecret(const std::string& path, std::string* problem) {
  const absl::StatusOr<std::string> secret = base::ReadFile(path, kMaxSecretBytes);
  if (!secret.ok()) {
    *problem = fmt::format("{} cannot be read: {}", path, std::string(secret.status().message()));
    return {};
  }
  if (secret->size() < sticky::Sealer::kMinSecretBytes) {
    *problem = fmt::format("{} holds {} bytes", path, secret->size());
  }
  return *secret;
}

}  // namespace

StickySecrets::StickySecrets() : own_(std::make_shared<const sticky::Sealer>(RandomSecret())) {}

std::vector<config::Violation> StickySecrets::Prepare(const config::Config& config) {
  std::vector<config::Violation> violations;
  ByFile read;
  for (size_t i = 0; i < config.clusters.size(); ++i) {
    const auto& cookie = config.clusters[i].resilience.sticky_cookie;
    if (!cookie || cookie->key_file.empty() || read.contains(cookie->key_file)) continue;
    std::string problem;
    const std::string secret = ReadSecret(cookie->key_file, &problem);
    if (problem.empty()) {
      read[cookie->key_file] = std::make_shared<const sticky::Sealer>(secret);
    } else {
      violations.push_back({.path = fmt::format("clusters[{}].sticky_cookie.key_file", i),
                            .line = 0,
                            .problem = std::move(problem),
                            .remedy = "give a file of 32 random bytes or more that this process may read"});
    }
  }
  if (violations.empty()) {
    for (auto& [path, sealer] : read) prepared_[path] = std::move(sealer);
  }
  return violations;
}

void StickySecrets::Keep(const config::Config& config) {
  auto sealers = std::make_shared<sticky::Sealers>();
  ByFile kept;
  for (const config::Cluster& cluster : config.clusters) {
    const auto& cookie = cluster.resilience.sticky_cookie;
    if (!cookie) continue;
    std::shared_ptr<const sticky::Sealer> sealer = own_;
    if (!cookie->key_file.empty()) {
      const auto fresh = prepared_.find(cookie->key_file);
      sealer = fresh != prepared_.end() ? fresh->second : kept_.at(cookie->key_file);
      kept[cookie->key_file] = sealer;
    }
    sealers->emplace(cluster.name, std::move(sealer));
  }
  kept_ = std::move(kept);
  prepared_.clear();
  sealers_ = std::move(sealers);
}

}  // namespace fairlead::apply
