#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "pkg/demo/frame_reader.h"
#include "pkg/stream/stream.h"

namespace fairlead::demo {

// One open WebSocket of the backend. It says hello with a text message, then returns every text and binary
// frame as it came, fragments as fragments; answers Ping with Pong and Close with Close. What breaks the
// protocol is closed with 1002, a frame above FrameReader::kMaxPayloadBytes with 1009. While the client does
// not read, it is not read.
class EchoSocket final : private stream::Delegate {
 public:
  enum class Outcome : uint8_t {
    kClosed,  // our Close frame is written: the stream is to be closed once the client has it
    kGone,    // the client left without one
  };

  // Called once, the last thing this does with the stream, which the callee must take. Must not destroy the
  // socket: bury it.
  using Done = absl::AnyInvocable<void(EchoSocket&, Outcome)>;

  EchoSocket(std::unique_ptr<stream::Stream> stream, Done done);
  EchoSocket(const EchoSocket&) = delete;
  EchoSocket& operator=(const EchoSocket&) = delete;

  // Sends `hello` and goes on with what arrived before. May call `done`.
  void Start(std::string_view hello, std::string_view early);
  std::unique_ptr<stream::Stream> TakeStream() { return std::move(stream_); }

 private:
  void OnData(std::string_view bytes) override;
  void OnEnd() override { done_(*this, Outcome::kGone); }
  void OnFlushed() override { stream_->Resume(stream::PauseReason::kPeerFull); }
  void OnError(stream::Failure) override { done_(*this, Outcome::kGone); }

  // Appends the answers to all frames in `in`; false when the last of them is our Close.
  bool AnswerFrames(std::string_view in, std::string* out);
  void Send(const std::string& out, bool stays_open);

  std::unique_ptr<stream::Stream> stream_;
  Done done_;
  FrameReader reader_;
};

}  // namespace fairlead::demo
