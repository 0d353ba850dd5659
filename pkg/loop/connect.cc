#include "pkg/loop/connect.h"

#include <sys/socket.h>
#include <uv.h>

#include <utility>

#include "pkg/loop/socket_stream.h"
#include "pkg/loop/stream_handle.h"
#include "pkg/loop/uv_status.h"

namespace fairlead::loop {

// Freed by the connect callback, which libuv always calls: when the handle is closed too.
struct Connect::Attempt {
  uv_connect_t request;
  StreamHandle* handle;
  Done done;
  Connect* owner = nullptr;  // null once given up; the handle is then closing

  void Finish(int rc) {
    const std::unique_ptr<Attempt> self(this);
    if (owner == nullptr) return;
    owner->attempt_ = nullptr;
    std::unique_ptr<stream::Stream> connected;
    if (rc == 0) {
      connected = std::make_unique<SocketStream>(handle);
    } else {
      handle->Close();
    }
    done(UvStatus(rc, "connect"), std::move(connected));
  }
};

absl::StatusOr<std::unique_ptr<Connect>> Connect::Start(Loop& loop, const base::SocketAddress& address,
                                                        Done done) {
  sockaddr_storage native;
  address.ToNative(&native);
  int rc = 0;
  StreamHandle* handle = StreamHandle::New(loop, native.ss_family, &rc);
  if (handle == nullptr) return UvStatus(rc, "socket");
  if (!address.is_unix()) SetTcpOptions(handle->fd());

  auto attempt = std::make_unique<Attempt>(Attempt{.request = {}, .handle = handle, .done = std::move(done)});
  attempt->request.data = attempt.get();
  const auto on_connect = [](uv_connect_t* request, int status) {
    static_cast<Attempt*>(request->data)->Finish(status);
  };
  if (address.is_unix()) {
    uv_pipe_connect(&attempt->request, &handle->pipe, address.unix_path()->path.c_str(), on_connect);
  } else {
    rc = uv_tcp_connect(&attempt->request, &handle->tcp, reinterpret_cast<const sockaddr*>(&native),
                        on_connect);
  }
  if (rc != 0) {
    handle->Close();
    return UvStatus(rc, "connect");
  }
  auto connect = std::unique_ptr<Connect>(new Connect(attempt.get()));
  attempt.release()->owner = connect.get();
  return connect;
}

Connect::~Connect() {
  if (attempt_ == nullptr) return;
  attempt_->owner = nullptr;
  attempt_->handle->Close();
}

}  // namespace fairlead::loop
