#include "pkg/loop/signal_watcher.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <memory>

#include "pkg/loop/test_turns.h"

namespace fairlead::loop {
namespace {

TEST(SignalWatcher, CallsBackOnTheLoop) {
  Loop loop;
  int raised = 0;
  SignalWatcher watcher(loop, SIGUSR1, [&] { ++raised; });
  ::raise(SIGUSR1);
  EXPECT_EQ(raised, 0);
  RunUntil(loop, [&] { return raised == 1; });
  ::raise(SIGUSR1);
  RunUntil(loop, [&] { return raised == 2; });
}

TEST(SignalWatcher, TellsOneSignalFromAnother) {
  Loop loop;
  int first = 0, second = 0;
  SignalWatcher one(loop, SIGUSR1, [&] { ++first; });
  SignalWatcher two(loop, SIGUSR2, [&] { ++second; });
  ::raise(SIGUSR2);
  RunUntil(loop, [&] { return second == 1; });
  RunIdle(loop);
  EXPECT_EQ(first, 0);
}

TEST(SignalWatcher, MayBeDestroyedInItsCallback) {
  Loop loop;
  std::unique_ptr<SignalWatcher> watcher;
  watcher = std::make_unique<SignalWatcher>(loop, SIGUSR1, [&] { watcher.reset(); });
  ::raise(SIGUSR1);
  RunUntil(loop, [&] { return watcher == nullptr; });
}

TEST(SignalWatcher, IsNotCalledBackOnceDestroyed) {
  Loop loop;
  int raised = 0;
  auto watcher = std::make_unique<SignalWatcher>(loop, SIGUSR1, [&] { ++raised; });
  ::raise(SIGUSR1);
  watcher.reset();
  RunIdle(loop);
  EXPECT_EQ(raised, 0);
}

TEST(Loop, IgnoresBrokenPipesForTheWholeProcess) {
  Loop loop;
  ::raise(SIGPIPE);
}

}  // namespace
}  // namespace fairlead::loop
