#include "pkg/demo/http_connection.h"

#include <utility>

#include "pkg/http1/head_limits.h"

namespace fairlead::demo {

HttpConnection::HttpConnection(std::unique_ptr<stream::Stream> stream, std::string_view backend, Done done)
    : stream_(std::move(stream)), backend_(backend), done_(std::move(done)), reader_(http1::HeadLimits{}) {}

void HttpConnection::Start() {
  stream_->SetDelegate(this);
  stream_->Start();
}

void HttpConnection::Read(std::string_view in) {
  while (true) {
    switch (reader_.Next(&in)) {
      case http1::Event::kNeedMore:
        return;
      case http1::Event::kHead:
        if (reader_.head().expect_continue) stream_->Write("HTTP/1.1 100 Continue\r\n\r\n");
        break;
      case http1::Event::kBody:
        break;
      case http1::Event::kEnd:
        if (!Send(AnswerRequest(reader_.head(), backend_), in)) return;
        reader_.StartNext();
        break;
      case http1::Event::kError:
        Send(AnswerError(reader_.error(), backend_), {});
        return;
    }
  }
}

bool HttpConnection::Send(const Answer& answer, std::string_view rest) {
  const stream::WriteResult result = stream_->Write(answer.bytes);
  switch (answer.then) {
    case Answer::Then::kWebSocket:
      done_(*this, Outcome::kUpgraded, rest);
      return false;
    case Answer::Then::kClose:
      done_(*this, Outcome::kAnswered, {});
      return false;
    case Answer::Then::kNextRequest:
      break;
  }
  if (result == stream::WriteResult::kFlushed) return true;
  state_ = State::kFull;
  held_.assign(rest);
  stream_->Pause(stream::PauseReason::kPeerFull);
  return false;
}

void HttpConnection::OnFlushed() {
  if (state_ != State::kFull) return;  // that was a 100 Continue
  state_ = State::kReading;
  stream_->Resume(stream::PauseReason::kPeerFull);
  const std::string held = std::exchange(held_, {});
  reader_.StartNext();
  Read(held);
}

}  // namespace fairlead::demo
