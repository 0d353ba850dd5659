#include "pkg/http1/request_reader.h"

#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

#include "pkg/http1/head_buffer.h"
#include "pkg/http1/message_parser.h"
#include "pkg/http1/request_policy.h"

namespace fairlead::http1 {

namespace {

constexpr size_t kUsualFields = 24;  // what a browser sends fits without growing

Error ErrorOf(HeadBuffer::Result result) {
  switch (result) {
    case HeadBuffer::Result::kBadLine:
      return Error::kBadStartLine;
    case HeadBuffer::Result::kStartLineTooLong:
      return Error::kTargetTooLong;
    case HeadBuffer::Result::kTooLarge:
      return Error::kHeadTooLarge;
    case HeadBuffer::Result::kNeedMore:
    case HeadBuffer::Result::kComplete:
      break;
  }
  return Error::kNone;
}

}  // namespace

class RequestReader::Impl {
 public:
  explicit Impl(const HeadLimits& limits) : limits_(limits), buffer_(limits, true), parser_(limits) {
    head_.fields.Reserve(kUsualFields);
  }

  Event Next(std::string_view* in) {
    switch (state_) {
      case State::kHead:
        return ReadHead(in);
      case State::kBody:
        return ReadBody(in);
      case State::kEnd:
        return Event::kEnd;
      case State::kFailed:
        break;
    }
    return Event::kError;
  }

  void StartNext() {
    assert(state_ == State::kEnd);
    Fields fields = std::move(head_.fields);
    fields.Clear();
    head_ = RequestHead{};
    head_.fields = std::move(fields);
    buffer_.Clear();
    parser_.emplace(limits_);
    state_ = State::kHead;
  }

  const RequestHead& head() const { return head_; }
  std::string_view body() const { return parser_->body(); }
  const Fields& trailers() const { return parser_->trailers(); }
  Error error() const { return error_; }
  bool started() const { return buffer_.started(); }

 private:
  enum class State : uint8_t { kHead, kBody, kEnd, kFailed };

  Event ReadHead(std::string_view* in) {
    const HeadBuffer::Result result = buffer_.Feed(in);
    if (result == HeadBuffer::Result::kNeedMore) return Event::kNeedMore;
    const Error error = result == HeadBuffer::Result::kComplete ? ParseHead() : ErrorOf(result);
    if (error != Error::kNone) return Fail(error);
    state_ = State::kBody;
    return Event::kHead;
  }

  Error ParseHead() {
    StartLine line;
    const Error error = parser_->ParseHead(buffer_.text(), &line, &head_.fields);
    if (error != Error::kNone) return error;
    head_.method = line.method;
    head_.minor_version = line.minor_version;
    const Error refused = ApplyRequestPolicy(line.target, parser_->content_length(), &head_);
    assert(refused != Error::kNone || parser_->chunked() == (head_.body.framing == Framing::kChunked));
    return refused;
  }

  Event ReadBody(std::string_view* in) {
    const Event event = parser_->ReadBody(in);
    if (event == Event::kError) return Fail(parser_->error());
    if (event == Event::kEnd) state_ = State::kEnd;
    return event;
  }

  Event Fail(Error error) {
    error_ = error;
    state_ = State::kFailed;
    return Event::kError;
  }

  const HeadLimits limits_;
  State state_ = State::kHead;
  Error error_ = Error::kNone;
  HeadBuffer buffer_;
  std::optional<MessageParser<true>> parser_;
  RequestHead head_;
};

RequestReader::RequestReader(const HeadLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

Event RequestReader::Next(std::string_view* in) {
  return impl_->Next(in);
}
const RequestHead& RequestReader::head() const {
  return impl_->head();
}
std::string_view RequestReader::body() const {
  return impl_->body();
}
const Fields& RequestReader::trailers() const {
  return impl_->trailers();
}
Error RequestReader::error() const {
  return impl_->error();
}
bool RequestReader::started() const {
  return impl_->started();
}
void RequestReader::StartNext() {
  impl_->StartNext();
}

}  // namespace fairlead::http1
