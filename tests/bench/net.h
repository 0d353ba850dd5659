#pragma once

#include <cstddef>
#include <cstdint>

/// The sockets of the benchmark programs: IPv4 loopback, non-blocking, TCP_NODELAY. A benchmark that
/// cannot have its socket has nothing to measure, so these functions end the process instead of failing.
namespace fairlead::bench {

/// Prints `what` and the meaning of errno, and exits with status 1.
[[noreturn]] void Die(const char* what);

/// Raises the soft descriptor limit to the hard one. Returns it.
int RaiseDescriptorLimit();

/// A listening socket on 127.0.0.1:`port`; 0 lets the kernel choose.
int Listen(uint16_t port);

/// The next connection waiting at `listener`, or -1 when none is.
int Accept(int listener);

/// A connection to 127.0.0.1:`port`, which may still be under way when this returns.
int Connect(uint16_t port);

/// As Connect; -1 when the connection is refused at once.
int TryConnect(uint16_t port);

/// An epoll instance.
int NewEpoll();

/// Adds `fd` to `epoll`, or changes it, to report `events` (level-triggered) under its own number.
void Watch(int epoll, int operation, int fd, uint32_t events);

}  // namespace fairlead::bench
