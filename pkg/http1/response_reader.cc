#include "pkg/http1/response_reader.h"

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "pkg/http1/head_buffer.h"
#include "pkg/http1/head_summary.h"
#include "pkg/http1/message_parser.h"

namespace fairlead::http1 {

namespace {

constexpr size_t kUsualFields = 16;
constexpr int kSwitchingProtocols = 101;

Error ErrorOf(HeadBuffer::Result result) {
  return result == HeadBuffer::Result::kBadLine ? Error::kBadStartLine : Error::kHeadTooLarge;
}

bool IsInterim(int status) {
  return status < 200 && status != kSwitchingProtocols;
}

// Some backends leave out the space behind the status where no reason follows (RFC 9112 §4 asks for it);
// Beast insists.
void MendStatusLine(std::string* head) {
  constexpr size_t kWithoutReason = 12;  // "HTTP/1.1 200"
  if (head->find('\r') == kWithoutReason) head->insert(kWithoutReason, 1, ' ');
}

}  // namespace

class ResponseReader::Impl {
 public:
  Impl(const HeadLimits& limits, std::string_view method)
      : limits_(limits), to_head_(method == "HEAD"), buffer_(limits, false) {
    head_.fields.Reserve(kUsualFields);
    StartHead();
  }

  Event Next(std::string_view* in) {
    switch (state_) {
      case State::kInterim:
        StartHead();
        [[fallthrough]];
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

  Event OnEof() {
    if (state_ == State::kFailed) return Event::kError;
    std::string_view nothing;
    const bool complete = state_ == State::kBody &&
                          (head_.body.framing == Framing::kUntilClose || ReadBody(&nothing) == Event::kEnd);
    if (!complete && state_ != State::kEnd) return Fail(Error::kTruncated);
    state_ = State::kEnd;
    return Event::kEnd;
  }

  const ResponseHead& head() const { return head_; }
  std::string_view body() const { return parser_->body(); }
  const Fields& trailers() const { return parser_->trailers(); }
  Error error() const { return error_; }

 private:
  enum class State : uint8_t { kHead, kInterim, kBody, kEnd, kFailed };

  void StartHead() {
    Fields fields = std::move(head_.fields);
    fields.Clear();
    head_ = ResponseHead{};
    head_.fields = std::move(fields);
    buffer_.Clear();
    parser_.emplace(limits_);
    if (to_head_) parser_->ExpectNoBody();
    state_ = State::kHead;
  }

  Event ReadHead(std::string_view* in) {
    const HeadBuffer::Result result = buffer_.Feed(in);
    if (result == HeadBuffer::Result::kNeedMore) return Event::kNeedMore;
    const Error error = result == HeadBuffer::Result::kComplete ? ParseHead() : ErrorOf(result);
    if (error != Error::kNone) return Fail(error);
    state_ = IsInterim(head_.status) ? State::kInterim : State::kBody;
    return Event::kHead;
  }

  Error ParseHead() {
    MendStatusLine(&buffer_.text());
    StartLine line;
    const Error error = parser_->ParseHead(buffer_.text(), &line, &head_.fields);
    if (error != Error::kNone) return error;
    if (line.status < 100) return Error::kBadStartLine;
    head_.status = line.status;
    head_.reason = line.reason;
    head_.minor_version = line.minor_version;
    return Judge(Summarize(head_.fields));
  }

  Error Judge(const HeadSummary& summary) {
    if (summary.options > kMaxConnectionOptions) return Error::kBadField;
    const Error error = JudgeFraming(summary);
    if (error != Error::kNone) return error;
    head_.keep_alive = summary.Persists(head_.minor_version) && head_.body.framing != Framing::kUntilClose;
    if (summary.names_upgrade) head_.upgrade = JoinUpgrade(summary, &head_.fields);
    return Error::kNone;
  }

  // RFC 9112 §6.3, without its leniencies. Framing that contradicts itself is refused even where no body
  // follows: the backend, or somebody who got it to say this, is not to be trusted with the connection.
  Error JudgeFraming(const HeadSummary& summary) {
    if (summary.has_transfer_encoding) {
      if (head_.minor_version == 0 || summary.content_lengths > 0) return Error::kBadTransferEncoding;
      const Error error = CheckTransferEncoding(head_.fields);
      if (error != Error::kNone) return error;
    }
    const std::optional<uint64_t> length = parser_->content_length();
    if (head_.status < 200 || head_.status == 204) return Error::kNone;
    if (to_head_ || head_.status == 304) {
      head_.body = {Framing::kNone, length};
    } else if (parser_->chunked()) {
      head_.body = {Framing::kChunked, std::nullopt};
    } else if (length.has_value()) {
      head_.body = {Framing::kContentLength, length};
    } else {
      head_.body = {Framing::kUntilClose, std::nullopt};
    }
    return Error::kNone;
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
  const bool to_head_;  // it answers a HEAD
  State state_ = State::kHead;
  Error error_ = Error::kNone;
  HeadBuffer buffer_;
  std::optional<MessageParser<false>> parser_;
  ResponseHead head_;
};

ResponseReader::ResponseReader(const HeadLimits& limits, std::string_view method)
    : impl_(std::make_unique<Impl>(limits, method)) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

Event ResponseReader::Next(std::string_view* in) {
  return impl_->Next(in);
}
Event ResponseReader::OnEof() {
  return impl_->OnEof();
}
const ResponseHead& ResponseReader::head() const {
  return impl_->head();
}
std::string_view ResponseReader::body() const {
  return impl_->body();
}
const Fields& ResponseReader::trailers() const {
  return impl_->trailers();
}
Error ResponseReader::error() const {
  return impl_->error();
}

}  // namespace fairlead::http1
