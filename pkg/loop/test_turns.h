#pragma once

#include <gtest/gtest.h>

#include <chrono>

#include "absl/functional/function_ref.h"
#include "pkg/loop/loop.h"

// For tests: turning a loop by hand, so that a test waits for what it expects and never for time to pass.

namespace fairlead::loop {

// One turn: takes what is ready and fires what is due, without waiting.
inline void Turn(Loop& loop) {
  loop.Post([&loop] { loop.Stop(); });
  loop.Run();
}

// Turns until `done` holds. Fails the test where it never does.
inline void RunUntil(Loop& loop, absl::FunctionRef<bool()> done) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done()) {
    if (std::chrono::steady_clock::now() > give_up) {
      ADD_FAILURE() << "what the test waits for does not happen";
      return;
    }
    Turn(loop);
  }
}

// For what must not happen: long enough for everything that is under way on this machine's own sockets.
inline void RunIdle(Loop& loop) {
  for (int turn = 0; turn < 20; ++turn) Turn(loop);
}

}  // namespace fairlead::loop
