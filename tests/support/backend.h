#pragma once

#include <string>
#include <string_view>

#include "pkg/base/address.h"
#include "tests/support/socket.h"

namespace fairlead::testing {

// A backend that the test plays by hand: a listening socket, and the connections that the proxy makes to it.
class Backend {
 public:
  // "127.0.0.1:0", "[::1]:0" or "unix:/path".
  explicit Backend(std::string_view address = "127.0.0.1:0");
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  // As bound.
  const base::SocketAddress& address() const { return address_; }

  int fd() const { return fd_; }

  // The next connection.
  Socket Accept();
  // Whether nobody has connected by now whom Accept has not returned.
  bool Idle() const;
  // From now on connections are refused.
  void Close();

 private:
  int fd_;
  base::SocketAddress address_;
};

}  // namespace fairlead::testing
