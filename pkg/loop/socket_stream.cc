#include "pkg/loop/socket_stream.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>

#include "pkg/loop/stream_handle.h"
#include "pkg/loop/uv_status.h"

namespace fairlead::loop {
namespace {

StreamHandle& HandleOf(void* data) {
  return *static_cast<StreamHandle*>(data);
}

stream::Failure FailureOf(int rc) {
  switch (rc) {
    case UV_ECONNRESET:
    case UV_EPIPE:
      return stream::Failure::kReset;
    case UV_ETIMEDOUT:
      return stream::Failure::kTimeout;
    default:
      return stream::Failure::kOther;
  }
}

void Break(StreamHandle& handle, int rc) {
  if (handle.broken || handle.delegate == nullptr) return;
  handle.broken = handle.end_seen = true;
  uv_read_stop(&handle.stream);
  handle.delegate->OnError(FailureOf(rc));
}

// The error that the kernel holds for the socket, as a negative errno, or 0. Asking takes it.
int PendingError(const StreamHandle& handle) {
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(handle.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  return -error;
}

void OnRead(uv_stream_t* uv, ssize_t count, const uv_buf_t* buffer) {
  StreamHandle& handle = HandleOf(uv->data);
  if (count == UV_ENOBUFS && buffer->base == nullptr) {
    uv_read_stop(uv);
  } else if (count > 0) {
    handle.delegate->OnData({buffer->base, static_cast<size_t>(count)});
  } else if (count == UV_EOF) {
    // Without a buffer it was no read that met the end: libuv concludes it from a hangup behind a short read,
    // and asks neither why (it may be a reset) nor whether that read's bytes were too many for the moment.
    // What is paused meets its end when it is resumed.
    if (buffer->base == nullptr && !handle.reading()) return;
    const int error = buffer->base == nullptr ? PendingError(handle) : 0;
    if (error != 0) {
      Break(handle, error);
      return;
    }
    handle.end_seen = true;
    handle.delegate->OnEnd();
  } else if (count < 0) {
    Break(handle, static_cast<int>(count));
  }
}

// Nothing while the stream is not to be read, which libuv turns into UV_ENOBUFS and no read.
void OfferBuffer(uv_handle_t* uv, size_t, uv_buf_t* buffer) {
  StreamHandle& handle = HandleOf(uv->data);
  auto& shared = handle.loop.read_buffer();
  *buffer = handle.reading() ? uv_buf_init(shared.data(), shared.size()) : uv_buf_init(nullptr, 0);
}

void SendEnd(StreamHandle& handle) {
  // Directly, since uv_shutdown would cost a request; an error shows at the next read or write.
  ::shutdown(handle.fd(), SHUT_WR);
}

// What the peer sent before it broke off is still there to be read: an answer that came early, say.
void HandOnWhatArrived(StreamHandle& handle) {
  constexpr int kReads = 32;  // of a peer that takes nothing more but goes on sending
  auto& buffer = handle.loop.read_buffer();
  for (int i = 0; i < kReads && handle.reading(); ++i) {
    const ssize_t count = ::read(handle.fd(), buffer.data(), buffer.size());
    if (count <= 0) return;
    handle.delegate->OnData({buffer.data(), static_cast<size_t>(count)});
  }
}

void SendOutgoing(StreamHandle& handle);

void OnWritten(uv_write_t* request, int rc) {
  StreamHandle& handle = HandleOf(request->data);
  // Destroyed, and libuv cancels; or a read has already met the error.
  if (handle.delegate == nullptr || handle.broken) return;
  if (rc != 0) {
    if (handle.outgoing->error != 0) rc = handle.outgoing->error;
    HandOnWhatArrived(handle);
    Break(handle, rc);
    return;
  }
  if (!handle.outgoing->next.empty()) {
    SendOutgoing(handle);
    return;
  }
  handle.CountOutgoing(0);
  handle.outgoing.reset();
  if (handle.end_asked) SendEnd(handle);
  handle.delegate->OnFlushed();
}

void SendOutgoing(StreamHandle& handle) {
  Outgoing& out = *handle.outgoing;
  out.under_way.swap(out.next);
  out.next.clear();
  handle.CountOutgoing(out.under_way.size());
  const uv_buf_t buffer = uv_buf_init(out.under_way.data(), out.under_way.size());
  out.request.data = &handle;
  // It fails at once only on a handle without a socket; every error of the connection comes through the
  // callback.
  uv_write(&out.request, &handle.stream, &buffer, 1, OnWritten);
}

}  // namespace

StreamHandle* StreamHandle::Open(Loop& loop, int fd, int* error) {
  auto* handle = new StreamHandle(loop);
  // For a unix socket too: a TCP handle asks nothing of an open descriptor that it does not have.
  uv_tcp_init(loop.uv(), &handle->tcp);
  handle->any.data = handle;
  *error = uv_tcp_open(&handle->tcp, fd);
  if (*error == 0) return handle;
  ::close(fd);
  handle->Close();
  return nullptr;
}

StreamHandle* StreamHandle::New(Loop& loop, int family, int* error) {
  auto* handle = new StreamHandle(loop);
  if (family == AF_UNIX) {
    *error = uv_pipe_init(loop.uv(), &handle->pipe, 0);
  } else {
    *error = uv_tcp_init_ex(loop.uv(), &handle->tcp, family);
  }
  handle->any.data = handle;
  if (*error == 0) return handle;
  delete handle;  // libuv has taken it off its list again
  return nullptr;
}

void StreamHandle::StartReading() {
  uv_read_start(&stream, OfferBuffer, OnRead);
}

void StreamHandle::Close() {
  delegate = nullptr;
  if (outgoing) CountOutgoing(0);
  uv_close(&any, [](uv_handle_t* closed) { delete &HandleOf(closed->data); });
}

void StreamHandle::CountOutgoing(size_t bytes) {
  loop.CountBuffered(static_cast<ptrdiff_t>(bytes) - static_cast<ptrdiff_t>(outgoing->counted));
  outgoing->counted = bytes;
}

int StreamHandle::fd() const {
  uv_os_fd_t fd = -1;
  uv_fileno(&any, &fd);
  return fd;
}

absl::StatusOr<std::unique_ptr<SocketStream>> SocketStream::Adopt(Loop& loop, int fd) {
  int error = 0;
  StreamHandle* handle = StreamHandle::Open(loop, fd, &error);
  if (handle == nullptr) return UvStatus(error, "uv_tcp_open");
  return std::make_unique<SocketStream>(handle);
}

SocketStream::~SocketStream() {
  handle_->Close();
}

void SocketStream::SetDelegate(stream::Delegate* delegate) {
  handle_->delegate = delegate;
}

void SocketStream::Start() {
  handle_->started = true;
  if (handle_->reading()) handle_->StartReading();
}

stream::WriteResult SocketStream::Write(std::string_view bytes) {
  assert(!handle_->end_asked);
  if (handle_->broken) return stream::WriteResult::kBuffered;
  if (!handle_->outgoing) {
    const uv_buf_t buffer = uv_buf_init(const_cast<char*>(bytes.data()), bytes.size());
    const int taken = uv_try_write(&handle_->stream, &buffer, 1);
    if (taken == static_cast<int>(bytes.size())) return stream::WriteResult::kFlushed;
    if (taken > 0) bytes.remove_prefix(taken);
    // An error is left to the queued write, which fails too (with EPIPE, whatever broke the connection) and
    // reports it from the loop.
    handle_->outgoing = std::make_unique<Outgoing>();
    if (taken < 0 && taken != UV_EAGAIN) handle_->outgoing->error = taken;
    handle_->outgoing->next.assign(bytes);
    SendOutgoing(*handle_);
    return stream::WriteResult::kBuffered;
  }
  Outgoing& out = *handle_->outgoing;
  out.next.append(bytes);
  handle_->CountOutgoing(out.under_way.size() + out.next.size());
  return stream::WriteResult::kBuffered;
}

void SocketStream::WriteLast(std::string_view bytes) {
  assert(!handle_->end_asked);
  if (handle_->broken || handle_->outgoing) return;
  // tcp(7) holds them until close(2) sends them with the FIN. Nobody is left to be told of an error.
  ::send(handle_->fd(), bytes.data(), bytes.size(), MSG_MORE);
}

void SocketStream::End() {
  if (handle_->end_asked) return;
  handle_->end_asked = true;
  if (!handle_->outgoing && !handle_->broken) SendEnd(*handle_);
}

void SocketStream::Pause(stream::PauseReason reason) {
  handle_->paused |= static_cast<uint8_t>(reason);
}

void SocketStream::Resume(stream::PauseReason reason) {
  handle_->paused &= ~static_cast<uint8_t>(reason);
  if (handle_->reading()) handle_->StartReading();
}

size_t SocketStream::buffered() const {
  if (!handle_->outgoing) return 0;
  return uv_stream_get_write_queue_size(&handle_->stream) + handle_->outgoing->next.size();
}

void SocketStream::ResetOnClose() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(handle_->fd(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
}

size_t SocketStream::unacknowledged() const {
  int queued = 0;
  if (::ioctl(handle_->fd(), SIOCOUTQ, &queued) != 0) queued = 0;
  return buffered() + static_cast<size_t>(queued);
}

void SocketStream::SetPeerTimeout(base::Duration timeout) {
  const int millis = static_cast<int>(timeout.count());
  ::setsockopt(handle_->fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &millis, sizeof(millis));
}

void SetTcpOptions(int fd) {
  const auto set = [fd](int level, int name, int value) {
    ::setsockopt(fd, level, name, &value, sizeof(value));
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(stream::Stream::kPeerTimeout.count()));
}

}  // namespace fairlead::loop
