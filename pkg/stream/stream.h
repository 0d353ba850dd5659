#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pkg/base/clock.h"

namespace fairlead::stream {

// Why a stream is not read at the moment. Reasons are a set: reading goes on when the set is empty, so two
// parties can pause the same stream without knowing of each other.
enum class PauseReason : uint8_t {
  kPeerFull = 1 << 0,  // what was read last still waits to be written to the other side
  kHeld = 1 << 1,      // its bytes belong to a later step: an upgrade not yet answered, a pipelined request
};

enum class WriteResult : uint8_t {
  kFlushed,   // the kernel took everything, and nothing else was waiting
  kBuffered,  // some bytes wait in the stream; OnFlushed follows when the last of them is gone
};

enum class Failure : uint8_t {
  kReset,    // the peer reset the connection, or wrote to what it had closed
  kTimeout,  // keepalive or TCP_USER_TIMEOUT gave the peer up
  kOther,
  kTruncated,  // the peer's end came without the word that its protocol has for it (TLS: close_notify)
  kProtocol,   // the protocol below was broken, or the peer gave up in its terms (TLS: a fatal alert)
};

// Who is told. All calls come from the loop's thread, never from inside a method of Stream.
// A callback may destroy the stream, replace its delegate, pause, write: the stream touches nothing
// afterwards.
class Delegate {
 public:
  // Bytes that arrived. They live in a buffer shared by the whole loop: copy what must outlive the call.
  virtual void OnData(std::string_view bytes) = 0;
  // The peer will send nothing more; writing is still possible (half-close). Called once, after all data.
  virtual void OnEnd() = 0;
  // Everything that was buffered is with the kernel. Follows every kBuffered unless OnError comes first.
  virtual void OnFlushed() = 0;
  // The connection is broken in both directions. Called once; nothing follows.
  virtual void OnError(Failure failure) = 0;

 protected:
  ~Delegate() = default;
};

// A full-duplex byte stream with half-close and backpressure. Owned by whoever holds it, used on one thread.
//
// Flow control needs no watermark: whoever relays pauses its source when Write says kBuffered and resumes it
// in OnFlushed. What a stream holds is then at most one read (the loop's buffer), and a peer that never reads
// costs that much and no more.
//
// Destruction closes: what is buffered is dropped, no callback runs afterwards.
class Stream {
 public:
  static constexpr base::Duration kPeerTimeout{120000};

  virtual ~Stream() = default;

  // Must be set before the loop turns again; the delegate outlives the stream or is replaced first.
  // A new stream is not read until Start.
  virtual void SetDelegate(Delegate* delegate) = 0;
  virtual void Start() = 0;

  // Takes all bytes. On a broken connection they are dropped, and OnError follows from the loop.
  virtual WriteResult Write(std::string_view bytes) = 0;
  // The last bytes, immediately before the destruction, for a stream whose input is read to its end: the
  // kernel may hold them back, so that they leave in one segment with the end of this side. Where input is
  // unread, closing resets the connection and they are lost; as they are where bytes are buffered, and as is
  // what the kernel does not take at once. Neither Write nor End follows.
  virtual void WriteLast(std::string_view bytes) { Write(bytes); }
  // Half-close: after the bytes written so far, the peer sees the end. No Write may follow. Idempotent.
  virtual void End() = 0;

  virtual void Pause(PauseReason reason) = 0;
  virtual void Resume(PauseReason reason) = 0;

  // Bytes that the kernel has not taken yet. It shrinks as the peer reads: progress can be seen from it.
  virtual size_t buffered() const = 0;

  // Bytes written that the peer's side has not acknowledged: those in the kernel, too. It asks the kernel.
  virtual size_t unacknowledged() const = 0;

  // The next destruction resets the connection instead of closing it in order (RST: SO_LINGER with zero).
  virtual void ResetOnClose() = 0;

  // How long bytes that are with the kernel may stay unacknowledged, or refused by a full peer, before the
  // connection fails with kTimeout (TCP_USER_TIMEOUT, RFC 5482). Zero = for ever. New streams have
  // kPeerTimeout.
  virtual void SetPeerTimeout(base::Duration timeout) = 0;
};

}  // namespace fairlead::stream
