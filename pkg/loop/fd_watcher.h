#pragma once

#include "absl/functional/any_invocable.h"
#include "pkg/loop/loop.h"

namespace fairlead::loop {

// Tells when a descriptor that somebody else owns can be read or written. Level-triggered. Destroy it before
// the descriptor is closed. A descriptor has one watcher at a time.
class FdWatcher {
 public:
  // Called on the loop; an error on the descriptor counts as both. May destroy the watcher.
  using Ready = absl::AnyInvocable<void(bool readable, bool writable)>;

  FdWatcher(Loop& loop, int fd, Ready ready);
  ~FdWatcher();
  FdWatcher(const FdWatcher&) = delete;
  FdWatcher& operator=(const FdWatcher&) = delete;

  // What to wait for from now on; nothing, to begin with.
  void Watch(bool readable, bool writable);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace fairlead::loop
