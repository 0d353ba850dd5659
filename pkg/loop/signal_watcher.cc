#include "pkg/loop/signal_watcher.h"

#include <uv.h>

#include <cstdlib>

namespace fairlead::loop {

struct SignalWatcher::Impl {
  uv_signal_t handle;
  absl::AnyInvocable<void()> raised;
};

SignalWatcher::SignalWatcher(Loop& loop, int signal, absl::AnyInvocable<void()> raised) : impl_(new Impl) {
  impl_->raised = std::move(raised);
  // It fails for want of descriptors only, at start.
  if (uv_signal_init(loop.uv(), &impl_->handle) != 0) std::abort();
  impl_->handle.data = impl_;
  uv_signal_start(
      &impl_->handle, [](uv_signal_t* handle, int) { static_cast<Impl*>(handle->data)->raised(); }, signal);
}

SignalWatcher::~SignalWatcher() {
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->handle),
           [](uv_handle_t* closed) { delete static_cast<Impl*>(closed->data); });
}

}  // namespace fairlead::loop
