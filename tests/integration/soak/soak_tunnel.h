#pragma once

#include <cstdint>
#include <string>

#include "tests/integration/soak/pattern.h"
#include "tests/support/socket.h"

namespace fairlead::testing {

// How a tunnel of the soak goes, from the client's side. The calm ones must lose nothing; the wild ones are
// there to disturb them.
struct TunnelPlan {
  enum class Ending {
    kClientEnds,        // calm: half-closes behind its last byte, and reads on until the backend has ended
    kBackendEnds,       // calm: the backend ends first
    kClientResets,      // wild: at some point, whatever is under way
    kBackendResets,     // wild
    kLeavesUnanswered,  // wild: resets before the 101
  };

  bool calm() const { return ending == Ending::kClientEnds || ending == Ending::kBackendEnds; }

  uint64_t id = 0;
  Ending ending = Ending::kClientEnds;
  size_t bytes = 0;       // to send, in messages of at most `message` bytes
  size_t message = 0;     // the next one follows when the echo of the last is there
  bool early = false;     // the first message goes with the request
  bool may_fail = false;  // its listener may be gone before the 101
};

// A tunnel of the soak: the client's end of it. Driven by whoever polls its socket.
class SoakTunnel {
 public:
  enum class Outcome {
    kOpen,
    kDone,         // as planned
    kNotAccepted,  // no 101, which the plan allows
    kFailed,       // see failure()
  };

  // The socket is connecting or connected, and does not block.
  SoakTunnel(const TunnelPlan& plan, Socket socket);

  // Reads and writes what goes now.
  Outcome Continue();

  int fd() const { return socket_.fd(); }
  const TunnelPlan& plan() const { return plan_; }
  bool opened() const { return opened_; }
  bool wants_to_write() const { return !unsent_.empty(); }
  const std::string& failure() const { return failure_; }
  size_t sent() const { return queued_; }
  size_t received() const { return received_; }

 private:
  Outcome Read();
  Outcome Take(std::string bytes);
  Outcome Ended();
  Outcome Broken();
  Outcome Fail(std::string why);
  void QueueMessage();
  bool Write();

  const TunnelPlan plan_;
  const Pattern pattern_;
  Socket socket_;
  std::string unsent_;
  std::string head_;
  bool opened_ = false;
  size_t queued_ = 0;    // of the tunnel's bytes, handed to the socket or about to be
  size_t received_ = 0;  // echoes
  bool ended_ = false;
  std::string failure_;
};

}  // namespace fairlead::testing
