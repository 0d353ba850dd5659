#pragma once

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "pkg/base/address.h"
#include "pkg/loop/loop.h"
#include "pkg/stream/stream.h"

namespace fairlead::loop {

struct StreamHandle;  // the libuv handle and what belongs to it; see stream_handle.h

// A connected TCP or unix socket on a loop. See stream::Stream for what it promises. When a write meets a
// connection that broke, what the peer had sent before is handed on ahead of OnError, unless reading is
// paused.
class SocketStream final : public stream::Stream {
 public:
  // Takes over a connected, non-blocking socket; the descriptor is closed on failure too.
  static absl::StatusOr<std::unique_ptr<SocketStream>> Adopt(Loop& loop, int fd);

  // Takes over a connected handle of this room.
  explicit SocketStream(StreamHandle* handle) : handle_(handle) {}
  ~SocketStream() override;

  void SetDelegate(stream::Delegate* delegate) override;
  void Start() override;
  stream::WriteResult Write(std::string_view bytes) override;
  void WriteLast(std::string_view bytes) override;
  void End() override;
  void Pause(stream::PauseReason reason) override;
  void Resume(stream::PauseReason reason) override;
  size_t buffered() const override;
  size_t unacknowledged() const override;
  void ResetOnClose() override;
  void SetPeerTimeout(base::Duration timeout) override;

 private:
  StreamHandle* handle_;
};

// Options that every TCP socket of ours has: no Nagle, keepalive, kPeerTimeout. Set on a listening socket
// they are inherited by what it accepts. Best effort: nothing depends on them for correctness.
void SetTcpOptions(int fd);

}  // namespace fairlead::loop
