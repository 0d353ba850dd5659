#include "pkg/loop/fd_watcher.h"

#include <uv.h>

namespace fairlead::loop {

struct FdWatcher::Impl {
  uv_poll_t handle;
  Ready ready;
};

FdWatcher::FdWatcher(Loop& loop, int fd, Ready ready) : impl_(new Impl) {
  impl_->ready = std::move(ready);
  uv_poll_init(loop.uv(), &impl_->handle, fd);
  impl_->handle.data = impl_;
}

FdWatcher::~FdWatcher() {
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->handle),
           [](uv_handle_t* closed) { delete static_cast<Impl*>(closed->data); });
}

void FdWatcher::Watch(bool readable, bool writable) {
  const int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  if (events == 0) {
    uv_poll_stop(&impl_->handle);
    return;
  }
  uv_poll_start(&impl_->handle, events, [](uv_poll_t* handle, int status, int ready) {
    auto& impl = *static_cast<Impl*>(handle->data);
    impl.ready(status != 0 || (ready & UV_READABLE), status != 0 || (ready & UV_WRITABLE));
  });
}

}  // namespace fairlead::loop
