#include "pkg/loop/loop.h"

#include <uv.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace fairlead::loop {
namespace {

// Turns for the close callbacks at the end. One is enough for what is closing; what such a callback lets go
// may close in its turn.
constexpr int kLastTurns = 16;

}  // namespace

struct Loop::Handles {
  uv_async_t mailbox;
  uv_prepare_t prepare;
  uv_timer_t timer;
};

Loop::Loop(const base::Clock* clock)
    : clock_(clock),
      uv_(std::make_unique<uv_loop_t>()),
      handles_(std::make_unique<Handles>()),
      read_buffer_(std::make_unique<std::array<char, kReadBufferBytes>>()) {
  std::signal(SIGPIPE, SIG_IGN);  // libuv writes with write(2), which has no MSG_NOSIGNAL
  // These fail for want of memory or descriptors only; without a loop there is no process to go on with.
  if (uv_loop_init(uv_.get()) != 0) std::abort();
  deadlines_ = std::make_unique<base::DeadlineWheel>(Now());
  if (uv_async_init(uv_.get(), &handles_->mailbox,
                    [](uv_async_t* handle) { static_cast<Loop*>(handle->data)->EmptyMailbox(); }) != 0) {
    std::abort();
  }
  uv_prepare_init(uv_.get(), &handles_->prepare);
  uv_timer_init(uv_.get(), &handles_->timer);
  handles_->mailbox.data = handles_->prepare.data = handles_->timer.data = this;
  uv_prepare_start(&handles_->prepare,
                   [](uv_prepare_t* handle) { static_cast<Loop*>(handle->data)->BeforeWaiting(); });
}

Loop::~Loop() {
  // Both may own what lives on this loop.
  TakeMail();
  EmptyGrave();
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->mailbox), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->prepare), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->timer), nullptr);
  // Not UV_RUN_DEFAULT, which would wait for a handle that somebody forgot.
  for (int turn = 0; turn < kLastTurns && uv_run(uv_.get(), UV_RUN_NOWAIT) != 0; ++turn) EmptyGrave();
  if (uv_loop_close(uv_.get()) == 0) return;
  std::fputs("something made on this loop outlives it\n", stderr);
  std::abort();
}

void Loop::Run() {
  uv_run(uv_.get(), UV_RUN_DEFAULT);
}

void Loop::Stop() {
  uv_stop(uv_.get());
}

void Loop::Post(absl::AnyInvocable<void()> task) {
  {
    const std::lock_guard lock(mailbox_mutex_);
    mailbox_.push_back(std::move(task));
  }
  uv_async_send(&handles_->mailbox);
}

std::vector<absl::AnyInvocable<void()>> Loop::TakeMail() {
  std::vector<absl::AnyInvocable<void()>> tasks;
  const std::lock_guard lock(mailbox_mutex_);
  tasks.swap(mailbox_);
  return tasks;
}

void Loop::EmptyMailbox() {
  // uv_async_t coalesces: one call may stand for many posts.
  std::vector<absl::AnyInvocable<void()>> tasks = TakeMail();
  for (auto& task : tasks) task();
}

void Loop::EmptyGrave() {
  // The dead may bury others.
  while (!grave_.empty()) {
    std::vector<std::shared_ptr<void>> dead;
    dead.swap(grave_);
  }
}

base::MonotonicTime Loop::Now() const {
  if (clock_ != nullptr) return clock_->Now();
  return base::MonotonicTime(std::chrono::milliseconds(uv_now(uv_.get())));
}

base::WallTime Loop::WallNow() const {
  return clock_ != nullptr ? clock_->WallNow() : std::chrono::system_clock::now();
}

void Loop::BeforeWaiting() {
  ++iteration_;
  deadlines_->Advance(Now());
  EmptyGrave();
  ArmTimer();
}

void Loop::ArmTimer() {
  const std::optional<base::MonotonicTime> due = deadlines_->NextDue();
  if (due == timer_due_) return;
  timer_due_ = due;
  if (!due) {
    uv_timer_stop(&handles_->timer);
    return;
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*due - Now());
  uv_timer_start(
      &handles_->timer,
      [](uv_timer_t* handle) {
        Loop& loop = *static_cast<Loop*>(handle->data);
        loop.lag_ = std::chrono::duration_cast<base::Duration>(loop.Now() - *loop.timer_due_);
        loop.timer_due_.reset();  // what is due is fired before the loop waits again
      },
      std::max<int64_t>(wait.count(), 0), 0);
}

}  // namespace fairlead::loop
