#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "pkg/demo/answer.h"
#include "pkg/http1/request_reader.h"
#include "pkg/stream/stream.h"

namespace fairlead::demo {

// A client of the backend that still speaks HTTP: answers its requests, one after the other, until one of
// them ends that. Answers that the client does not read stop the reading of further requests.
class HttpConnection final : private stream::Delegate {
 public:
  enum class Outcome : uint8_t {
    kUpgraded,  // the 101 is written: the stream is a WebSocket
    kAnswered,  // the last answer is written: the stream is to be closed once the client has it
    kGone,      // the client left
  };

  // Called once, the last thing this does with the stream, which the callee must take. `early` is what came
  // behind an upgrade's head, valid during the call. Must not destroy the connection: bury it.
  using Done = absl::AnyInvocable<void(HttpConnection&, Outcome, std::string_view early)>;

  // `backend` outlives this.
  HttpConnection(std::unique_ptr<stream::Stream> stream, std::string_view backend, Done done);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void Start();
  std::unique_ptr<stream::Stream> TakeStream() { return std::move(stream_); }

 private:
  void OnData(std::string_view bytes) override { Read(bytes); }
  void OnEnd() override { done_(*this, Outcome::kGone, {}); }
  void OnFlushed() override;
  void OnError(stream::Failure) override { done_(*this, Outcome::kGone, {}); }

  enum class State : uint8_t {
    kReading,
    kFull,  // an answer is not with the kernel yet; requests behind it wait in held_
  };

  void Read(std::string_view in);
  // Whether reading goes on, with `rest` being what follows the request.
  bool Send(const Answer& answer, std::string_view rest);

  std::unique_ptr<stream::Stream> stream_;
  const std::string_view backend_;
  Done done_;
  http1::RequestReader reader_;
  State state_ = State::kReading;
  std::string held_;
};

}  // namespace fairlead::demo
