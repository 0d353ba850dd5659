#include "pkg/loop/fd_watcher.h"

#include <uv.h>

#include <cstdlib>

namespace fairlead::loop {

struct FdWatcher::Impl {
  uv_poll_t handle;
  Ready ready;
  int events = 0;

  void Start() {
    uv_poll_start(&handle, events, [](uv_poll_t* poll, int status, int ready) {
      static_cast<Impl*>(poll->data)->OnEvent(status, ready);
    });
  }

  void OnEvent(int status, int seen) {
    // libuv stops at an error of the descriptor; whoever is told may take the error off it and go on.
    if (status != 0) Start();
    ready(status != 0 || (seen & UV_READABLE), status != 0 || (seen & UV_WRITABLE));
  }
};

FdWatcher::FdWatcher(Loop& loop, int fd, Ready ready) : impl_(new Impl) {
  impl_->ready = std::move(ready);
  // It fails for want of memory, or for a descriptor that cannot be waited for: our bug.
  if (uv_poll_init(loop.uv(), &impl_->handle, fd) != 0) std::abort();
  impl_->handle.data = impl_;
}

FdWatcher::~FdWatcher() {
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->handle),
           [](uv_handle_t* closed) { delete static_cast<Impl*>(closed->data); });
}

void FdWatcher::Watch(bool readable, bool writable) {
  impl_->events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  if (impl_->events == 0) {
    uv_poll_stop(&impl_->handle);
  } else {
    impl_->Start();
  }
}

}  // namespace fairlead::loop
