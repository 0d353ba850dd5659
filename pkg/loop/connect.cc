#include "pkg/loop/connect.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <uv.h>

#include <cerrno>
#include <utility>

#include "pkg/loop/socket_stream.h"
#include "pkg/loop/stream_handle.h"
#include "pkg/loop/uv_status.h"

namespace fairlead::loop {
namespace {

// Only the address is chosen now; the port at the connect, when the kernel knows the other end too and may
// take one that is in use towards another (ip(7), IP_BIND_ADDRESS_NO_PORT). Returns libuv's number.
int BindTo(int fd, const base::IpAddress& source) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
  sockaddr_storage native;
  const socklen_t length = base::SocketAddress(base::IpPort{source, 0}).ToNative(&native);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&native), length) == 0 ? 0 : -errno;
}

}  // namespace

// Freed by the connect callback, which libuv always calls: when the handle is closed too.
struct Connect::Attempt {
  uv_connect_t request;
  StreamHandle* handle;
  Done done;
  Connect* owner = nullptr;  // null once given up; the handle is then closing

  // 0, or libuv's number for what the kernel says at once; there is no handle then.
  int Begin(Loop& loop, const base::SocketAddress& address, const base::IpAddress* source);

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

int Connect::Attempt::Begin(Loop& loop, const base::SocketAddress& address, const base::IpAddress* source) {
  sockaddr_storage native;
  address.ToNative(&native);
  int rc = 0;
  handle = StreamHandle::New(loop, native.ss_family, &rc);
  if (handle == nullptr) return rc;
  if (!address.is_unix()) SetTcpOptions(handle->fd());
  if (source != nullptr) rc = BindTo(handle->fd(), *source);
  const auto on_connect = [](uv_connect_t* connect, int status) {
    static_cast<Attempt*>(connect->data)->Finish(status);
  };
  request.data = this;
  if (address.is_unix()) {
    uv_pipe_connect(&request, &handle->pipe, address.unix_path()->path.c_str(), on_connect);
  } else if (rc == 0) {
    rc = uv_tcp_connect(&request, &handle->tcp, reinterpret_cast<const sockaddr*>(&native), on_connect);
  }
  if (rc != 0) {
    handle->Close();
  } else {
    handle->StartReading();  // one epoll_ctl for both
  }
  return rc;
}

absl::StatusOr<std::unique_ptr<Connect>> Connect::Start(Loop& loop, const base::SocketAddress& address,
                                                        std::span<const base::IpAddress> sources, Done done) {
  auto attempt =
      std::make_unique<Attempt>(Attempt{.request = {}, .handle = nullptr, .done = std::move(done)});
  int rc = attempt->Begin(loop, address, sources.empty() ? nullptr : &sources[0]);
  for (size_t i = 1; rc == UV_EADDRNOTAVAIL && i < sources.size(); ++i) {
    rc = attempt->Begin(loop, address, &sources[i]);
  }
  if (rc != 0) return UvStatus(rc, "connect");
  auto connect = std::unique_ptr<Connect>(new Connect(attempt.get()));
  attempt.release()->owner = connect.get();
  return connect;
}

// As absl::ErrnoToStatus has them: EADDRNOTAVAIL is among what exists already; EMFILE, ENFILE, ENOBUFS and
// ENOMEM are exhaustion.
bool IsShortage(const absl::Status& status) {
  return IsExhaustion(status) || absl::IsAlreadyExists(status);
}

bool IsExhaustion(const absl::Status& status) {
  return absl::IsResourceExhausted(status);
}

Connect::~Connect() {
  if (attempt_ == nullptr) return;
  attempt_->owner = nullptr;
  attempt_->handle->Close();
}

}  // namespace fairlead::loop
