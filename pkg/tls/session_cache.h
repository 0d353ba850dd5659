#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

struct ssl_session_st;

namespace fairlead::tls {

// The latest session with each server, for a client to resume. Bounded: the one renewed longest ago goes.
// Any thread.
class SessionCache {
 public:
  explicit SessionCache(size_t capacity = 1024) : capacity_(capacity) {}
  ~SessionCache();
  SessionCache(const SessionCache&) = delete;
  SessionCache& operator=(const SessionCache&) = delete;

  // Takes a reference over.
  void Put(std::string_view server, ssl_session_st* session);
  // A copy that the caller owns, or null: connections of several threads never share one.
  ssl_session_st* Take(std::string_view server);

 private:
  using Order = std::list<std::pair<std::string, ssl_session_st*>>;

  const size_t capacity_;
  std::mutex mutex_;
  Order order_;  // renewed last comes first
  std::map<std::string, Order::iterator, std::less<>> by_server_;
};

}  // namespace fairlead::tls
