#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/handshake.h"
#include "tests/bench/message.h"
#include "tests/bench/pace.h"
#include "tests/bench/wire.h"

namespace fairlead::bench {

/// Clients that stay, each a user with a number: each says something now and then, hears it again, answers
/// pings and, when it is told to close (RFC 6455, 5.5.1), answers that too and waits for the end. A while
/// after its end, whatever it was, each comes again. Every end is written down, so that it can be seen how a
/// proxy sends its clients away.
class StayLoad {
 public:
  struct Options {
    uint16_t port;
    int tunnels;
    std::chrono::milliseconds interval;  // from one message of a tunnel to its next; 0 = says nothing
    std::optional<std::chrono::milliseconds> again;  // comes again within that, at random; nothing = never
    std::string timeline;                            // a file: a line for each end
  };

  struct Report {
    uint64_t ends = 0;
    uint64_t without_close = 0;  // of these, ends that no Close announced: 1006 to a browser
    uint64_t wrong = 0;          // of these, after bytes that are no echo in its turn
    uint64_t not_ended = 0;      // Close answered, and then no end in time
    uint64_t sent = 0;           // messages
    uint64_t echoed = 0;
    uint64_t came_again = 0;
    uint64_t refused = 0;  // came again and were not let in, each time that they tried
    uint64_t open = 0;     // at the end
  };

  StayLoad(const Options& options, Wire& wire);

  /// Opens all tunnels. One that does not open ends the process.
  void Open();

  /// Stays until `stop`, a descriptor of a pipe or socket, can be read. A line of the timeline is
  /// milliseconds since the epoch, and the code of the Close, 0 where there was none.
  Report Stay(int stop);

 private:
  enum class Stage : uint8_t { kTalking, kLeaving, kAway, kOpening };

  struct Client {
    int fd = -1;
    Stage stage = Stage::kAway;
    uint64_t sent = 0;
    uint64_t echoed = 0;
    std::string in;  // the beginning of a frame whose end has not come
    Clock::time_point told_at;
    std::unique_ptr<Handshake> handshake;  // while it opens
  };

  // Waits for something to happen, at most so long, and sees to it. True when `stop` can be read.
  bool Turn(int wait_ms, int stop = -1);
  void Say(Client& client);
  void Hear(size_t number);
  void TakeFrames(size_t number);
  void Answer(Client& client, uint8_t opcode, std::string_view payload);
  void WriteDown(unsigned code);
  void End(size_t number);
  void ComeAgain(Clock::time_point now);
  void Continue(size_t number);
  int WaitMs(Clock::time_point now, int pace_ms) const;

  const Options options_;
  Wire& wire_;
  const int epoll_;
  Message outgoing_;
  Message expected_;
  std::mt19937 random_{1};
  std::vector<Client> clients_;
  std::vector<size_t> numbers_;                    // of the clients, by descriptor
  std::multimap<Clock::time_point, size_t> away_;  // by when each comes, or comes again
  size_t opening_ = 0;
  std::unique_ptr<std::array<char, 64 * 1024>> buffer_;
  std::ofstream timeline_;
  Report report_;
};

}  // namespace fairlead::bench
