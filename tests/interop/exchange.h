#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/interop/session.h"

namespace fairlead::interop {

// The last byte goes when nothing else is under way any more: a client's behind all that it has to receive
// but a byte, a server's behind the client's. So no key update crosses the end of a stream: stacks break off
// that are asked for an update behind their own close_notify.
struct Plan {
  uint64_t bytes = 0;         // to send, and to expect
  uint64_t update_every = 0;  // bytes sent between two key updates, each second one asking for one; 0 = none
  bool stalls = false;        // reads nothing until all but that is sent, and halfway there waits for SIGUSR1
  bool client = false;        // which ends first
};

struct Outcome {
  uint64_t sent = 0;
  uint64_t received = 0;
  std::string sent_sha256;  // hexadecimal
  std::string received_sha256;
  uint64_t updates_sent = 0;
  bool orderly = false;  // the other side said close_notify, behind all that it had to send
};

// Sends and receives at the same time over a session that has shaken hands, whose socket is nonblocking.
// Nothing when the session fails. SIGUSR1 is to be blocked.
std::optional<Outcome> Exchange(Session& session, int fd, const Plan& plan);

}  // namespace fairlead::interop
