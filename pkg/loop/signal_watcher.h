#pragma once

#include "absl/functional/any_invocable.h"
#include "pkg/loop/loop.h"

namespace fairlead::loop {

// Calls back on the loop when the process gets a signal.
class SignalWatcher {
 public:
  SignalWatcher(Loop& loop, int signal, absl::AnyInvocable<void()> raised);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace fairlead::loop
