#pragma once

#include <uv.h>

#include <memory>
#include <string>

#include "pkg/loop/loop.h"
#include "pkg/stream/stream.h"

namespace fairlead::loop {

// What a stream keeps while the kernel has not taken everything: allocated with the first such byte, freed
// with the last. One request is under way at a time; what is written meanwhile gathers behind it.
struct Outgoing {
  uv_write_t request;
  std::string under_way;
  std::string next;
  size_t counted = 0;  // its share in Loop::buffered_bytes
  int error = 0;       // what the write that began it met: the kernel tells an error once
};

// The heap part of a SocketStream. Only the close callback frees it, so that libuv may come back from a
// callback in which the stream was destroyed.
struct StreamHandle {
  union {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };
  Loop& loop;
  stream::Delegate* delegate = nullptr;  // null once the stream is gone
  std::unique_ptr<Outgoing> outgoing;
  uint8_t paused = 0;  // set of stream::PauseReason
  bool started = false;
  bool end_seen = false;  // the peer's end or an error: nothing more to read
  bool end_asked = false;
  bool broken = false;

  explicit StreamHandle(Loop& owner) : loop(owner) {}

  bool reading() const { return delegate != nullptr && started && !end_seen && paused == 0; }

  // Makes the libuv handle around a connected socket of any family. On failure the descriptor is closed,
  // nullptr is returned and *error is libuv's number.
  static StreamHandle* Open(Loop& loop, int fd, int* error);
  // Likewise with a new socket, to connect.
  static StreamHandle* New(Loop& loop, int family, int* error);
  // Has libuv tell when there is something to read; again is no harm. It goes on telling until it did so in
  // vain, while the stream is not to be read: to stop and to start again costs two system calls, and most
  // pauses are over before anything comes. Fails only for a connect that is to be told that it failed.
  void StartReading();
  // Deletes this once libuv lets go.
  void Close();
  // Brings the loop's count of buffered bytes up to date; call whenever `outgoing` changed, and before it
  // goes.
  void CountOutgoing(size_t bytes);
  int fd() const;
};

}  // namespace fairlead::loop
