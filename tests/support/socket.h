#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "pkg/base/address.h"

namespace fairlead::testing {

// A connection of a test's own client or backend. Calls wait for what they ask for; what does not come within
// kPatience fails the test and returns what there is. Move-only; one thread.
class Socket {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  // Connected, or a failed test. A small `receive_buffer` (bytes; 0 = the kernel's choice) makes a reader
  // whose kernel takes little ahead.
  static Socket Connect(const base::SocketAddress& address, int receive_buffer = 0);
  // Whether anybody accepts there. A connection is made and dropped.
  static bool CanConnect(const base::SocketAddress& address);

  // Takes over a connected socket; -1 = none.
  explicit Socket(int fd = -1);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // All of it.
  void Send(std::string_view bytes);
  // What the kernel takes now; returns how much. 0 also where the connection is broken.
  size_t SendSome(std::string_view bytes);

  // That many bytes.
  std::string Receive(size_t bytes);
  // Up to and with that text.
  std::string ReceiveThrough(std::string_view text);
  // All that comes until the peer ends its side. A reset fails the test.
  std::string ReceiveToEnd();
  // All that comes until the connection ends, in order or not.
  std::string ReceiveToGone();
  // Reads and forgets until the connection is reset. An orderly end fails the test.
  void AwaitReset();
  // Reads and forgets until it ends, in order or not.
  void AwaitGone();
  // Whether nothing has come by now, not even an end.
  bool Silent();

  // Half-close.
  void End();
  void Close();
  // Closes with a RST.
  void Reset();

  bool open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  // The near end.
  base::SocketAddress address() const;

 private:
  enum class Arrival { kBytes, kEnd, kReset, kNothing };

  // Waits for something to arrive, and appends bytes to what is unread.
  Arrival Await();

  int fd_;
  std::string unread_;
};

}  // namespace fairlead::testing
