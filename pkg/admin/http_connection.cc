#include "pkg/admin/http_connection.h"

#include <string>
#include <utility>

#include "pkg/http1/error.h"
#include "pkg/http1/event.h"
#include "pkg/http1/fields.h"
#include "pkg/http1/writer.h"

namespace fairlead::admin {

HttpConnection::HttpConnection(loop::Loop& loop, std::unique_ptr<stream::Stream> stream,
                               const HttpHandler& handler, Done done)
    : loop_(loop), stream_(std::move(stream)), handler_(handler), done_(std::move(done)), reader_(kLimits) {
  stream_->SetDelegate(this);
  stream_->Start();
  loop_.deadlines().Arm(*this, loop_.Now() + kHeadTimeout);
}

void HttpConnection::OnData(std::string_view bytes) {
  if (state_ != State::kReading) return;
  switch (reader_.Next(&bytes)) {
    case http1::Event::kNeedMore:
      return;
    case http1::Event::kHead:
      return Answer(Handle(), reader_.head().method != "HEAD");
    default:
      const std::string_view problem = http1::ToString(reader_.error());
      return Answer({.status = http1::StatusOf(reader_.error()), .body = std::string(problem) + "\n"}, true);
  }
}

HttpResponse HttpConnection::Handle() {
  const http1::RequestHead& head = reader_.head();
  if (head.method != "GET" && head.method != "HEAD") return {.status = 405, .body = "only GET and HEAD\n"};
  return handler_({.path = head.path, .host = head.host});
}

void HttpConnection::Answer(const HttpResponse& response, bool with_body) {
  state_ = State::kAnswered;
  http1::Fields fields;
  fields.Add("Content-Type", response.content_type);
  fields.Add("Content-Length", fields.Keep(std::to_string(response.body.size())));
  if (response.status == 405) fields.Add("Allow", "GET, HEAD");
  // Nothing here is for a web page of another origin to read, embed or run.
  fields.Add("Cache-Control", "no-store");
  fields.Add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  fields.Add("Cross-Origin-Resource-Policy", "same-origin");
  fields.Add("X-Content-Type-Options", "nosniff");
  fields.Add("Connection", "close");
  std::string message;
  http1::AppendResponseHead(response.status, {}, fields, &message);
  if (with_body) message += response.body;
  stream_->Write(message);
  stream_->End();
  loop_.deadlines().Arm(*this, loop_.Now() + kAnswerTimeout);
}

void HttpConnection::OnEnd() {
  if (state_ == State::kAnswered && stream_->buffered() > 0) {
    state_ = State::kEnded;
  } else {
    Close();
  }
}

void HttpConnection::OnFlushed() {
  if (state_ == State::kEnded) Close();
}

void HttpConnection::OnError(stream::Failure) {
  Close();
}

void HttpConnection::OnDeadline(base::MonotonicTime) {
  Close();
}

void HttpConnection::Close() {
  if (state_ == State::kDone) return;
  state_ = State::kDone;
  done_(this);
}

}  // namespace fairlead::admin
