#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/backend.h"
#include "tests/support/socket.h"

namespace fairlead::testing {

// A backend that answers by itself, on a thread of its own: an upgrade with the 101 of RFC 6455 §1.3,
// anything else with 200 and its name, until it is told otherwise. Tunnels stay open.
class AnsweringBackend {
 public:
  explicit AnsweringBackend(std::string name);
  ~AnsweringBackend();

  // As an endpoint of the configuration; `more` keys begin with a comma.
  std::string endpoint(std::string_view more = "") const;
  const std::string& name() const { return name_; }

  // From now on every answer has this status; 0 = as at first.
  void AnswerWith(int status) { status_ = status; }
  // The process is gone: connections are refused, and those there were are closed.
  void Kill();

 private:
  void Run();
  void Answer(Socket connection);

  const std::string name_;
  Backend backend_;
  std::atomic<int> status_ = 0;
  std::atomic<bool> stopped_ = false;
  std::vector<Socket> tunnels_;
  std::thread thread_;
};

}  // namespace fairlead::testing
