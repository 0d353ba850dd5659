#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"

struct uv_loop_s;

namespace fairlead::loop {

// One event loop, used by one thread: its time, its deadlines, its mailbox and its graveyard.
//
// All that was made on a loop must be destroyed before it. Only Post may be called from another thread.
// A process that has a loop ignores SIGPIPE: a write to a broken connection is an error like any other.
class Loop final : public base::Clock {
 public:
  static constexpr size_t kReadBufferBytes = 64 * 1024;

  // With a clock, time and deadlines follow that clock (tests move it, then Post anything to wake the loop);
  // without one they follow the time that the loop read when it last woke up.
  explicit Loop(const base::Clock* clock = nullptr);
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Turns until Stop. May be called again.
  void Run();
  void Stop();

  // Runs `task` on the loop's thread, in order of posting. What is still queued when the loop is destroyed is
  // dropped.
  void Post(absl::AnyInvocable<void()> task);

  // The loop as a clock: the time at which it last woke up, good to a millisecond and free to ask for.
  base::MonotonicTime Now() const override;
  base::WallTime WallNow() const override;

  base::DeadlineWheel& deadlines() { return *deadlines_; }
  // How late the loop came to its last deadline tick: what a busy or stalled loop costs its tunnels.
  base::Duration lag() const { return lag_; }
  // Counts its iterations: two callbacks that see the same number belong to one.
  uint64_t iteration() const { return iteration_; }

  // Destroys `dead` before the loop waits again. For whoever is told, by a callback, that it has no more to
  // do: its own methods may still be on the stack.
  template <typename T>
  void Bury(std::unique_ptr<T> dead) {
    grave_.push_back(std::shared_ptr<void>(std::move(dead)));
  }

  // What all streams of this loop hold because their kernels' buffers are full.
  size_t buffered_bytes() const { return buffered_bytes_; }

  // For the other files of this room.
  void CountBuffered(ptrdiff_t change) { buffered_bytes_ += change; }
  uv_loop_s* uv() { return uv_.get(); }
  std::array<char, kReadBufferBytes>& read_buffer() { return *read_buffer_; }

 private:
  struct Handles;
  void BeforeWaiting();
  std::vector<absl::AnyInvocable<void()>> TakeMail();
  void EmptyMailbox();
  void EmptyGrave();
  void ArmTimer();

  const base::Clock* clock_;
  std::unique_ptr<uv_loop_s> uv_;
  std::unique_ptr<Handles> handles_;
  std::unique_ptr<std::array<char, kReadBufferBytes>> read_buffer_;
  std::unique_ptr<base::DeadlineWheel> deadlines_;
  std::optional<base::MonotonicTime> timer_due_;
  base::Duration lag_{0};
  uint64_t iteration_ = 0;
  size_t buffered_bytes_ = 0;
  std::vector<std::shared_ptr<void>> grave_;

  std::mutex mailbox_mutex_;
  std::vector<absl::AnyInvocable<void()>> mailbox_;
};

}  // namespace fairlead::loop
