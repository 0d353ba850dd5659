#include "pkg/tls/session_cache.h"

#include <openssl/ssl.h>

namespace fairlead::tls {

SessionCache::~SessionCache() {
  for (const auto& [server, session] : order_) SSL_SESSION_free(session);
}

void SessionCache::Put(std::string_view server, SSL_SESSION* session) {
  const std::lock_guard lock(mutex_);
  if (const auto held = by_server_.find(server); held != by_server_.end()) {
    SSL_SESSION_free(std::exchange(held->second->second, session));
    order_.splice(order_.begin(), order_, held->second);
    return;
  }
  order_.emplace_front(server, session);
  by_server_.emplace(server, order_.begin());
  if (order_.size() <= capacity_) return;
  SSL_SESSION_free(order_.back().second);
  by_server_.erase(order_.back().first);
  order_.pop_back();
}

SSL_SESSION* SessionCache::Take(std::string_view server) {
  const std::lock_guard lock(mutex_);
  const auto held = by_server_.find(server);
  if (held == by_server_.end() || SSL_SESSION_is_resumable(held->second->second) != 1) return nullptr;
  return SSL_SESSION_dup(held->second->second);
}

}  // namespace fairlead::tls
