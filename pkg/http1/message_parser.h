#pragma once

// Boost.Beast's parser behind an interface of our own. A header of http1 alone: request_reader.cc and
// response_reader.cc include it, nobody else, since Beast takes seconds to compile.

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/http1/ascii.h"
#include "pkg/http1/error.h"
#include "pkg/http1/event.h"
#include "pkg/http1/fields.h"
#include "pkg/http1/head_limits.h"

namespace fairlead::http1 {

// The first line of a request or a response; the other's parts are empty.
struct StartLine {
  std::string_view method;
  std::string_view target;
  int status = 0;
  std::string_view reason;
  int minor_version = 1;
};

// Parses one message: first its whole head, then its body piece by piece.
//
// Beast is never shown a part of a head, a chunk's line or the trailers: they are gathered first, which
// bounds them and makes the events independent of how the input was split. Body bytes are not copied.
template <bool kIsRequest>
class MessageParser final : private boost::beast::http::basic_parser<kIsRequest> {
  using Base = boost::beast::http::basic_parser<kIsRequest>;
  using Text = boost::beast::string_view;
  using Code = boost::beast::error_code;
  using Beast = boost::beast::http::error;

 public:
  explicit MessageParser(const HeadLimits& limits) : limits_(limits) {
    // Limits on heads are ours; one on bodies does not exist. (Beast compares with an absent limit as with
    // zero.)
    Base::header_limit(std::numeric_limits<uint32_t>::max());
    Base::body_limit(std::numeric_limits<uint64_t>::max());
  }

  // Says that the message ends with its head, whatever the fields announce. To be called first.
  void ExpectNoBody() { Base::skip(true); }

  // Parses a complete head, which must outlive the parser, into *line and *fields.
  Error ParseHead(std::string_view head, StartLine* line, Fields* fields);

  // What Beast read from the head.
  std::optional<uint64_t> content_length() const {
    const boost::optional<uint64_t> length = Base::content_length();
    return length ? std::optional<uint64_t>(*length) : std::nullopt;
  }
  bool chunked() const { return Base::chunked(); }
  bool ends_with_connection() const { return Base::need_eof(); }

  // Reads on after the head: kNeedMore, kBody (see body()), kEnd or kError (see error()).
  Event ReadBody(std::string_view* in);

  std::string_view body() const { return body_; }
  const Fields& trailers() const { return trailers_; }
  Error error() const { return error_; }

 private:
  // A chunk's size and extensions, and the line end of the chunk before.
  static constexpr size_t kMaxChunkLineBytes = 1024;

  Event ReadData(std::string_view* in);
  Event ReadChunkLines(std::string_view* in);
  Error TakeLine(std::string_view* in);
  Event Fail(Error error) {
    error_ = error;
    return Event::kError;
  }
  static bool ClosesItsQuotes(std::string_view line);
  bool IsFolded(std::string_view name, std::string_view value) const;
  static Error Translate(const Code& code, std::string_view head);
  static Error TranslateVersion(std::string_view head);

  static std::string_view View(Text text) { return {text.data(), text.size()}; }
  void Refuse(Error error, Code* code) {
    error_ = error;
    *code = Beast::bad_field;
  }

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, Code&) override {
    line_->method = View(method);
    line_->target = View(target);
    line_->minor_version = version % 10;
  }
  void on_response_impl(int status, Text reason, int version, Code&) override {
    line_->status = status;
    line_->reason = View(reason);
    line_->minor_version = version % 10;
  }
  void on_field_impl(boost::beast::http::field, Text name, Text value, Code& code) override;
  void on_header_impl(Code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, Code&) override {}
  size_t on_body_impl(Text data, Code&) override {
    body_ = View(data);
    return data.size();
  }
  void on_chunk_header_impl(uint64_t size, Text, Code&) override {
    chunk_left_ = size;
    after_chunk_ = true;
  }
  size_t on_chunk_body_impl(uint64_t, Text data, Code&) override {
    body_ = View(data);
    chunk_left_ -= data.size();
    return data.size();
  }
  void on_finish_impl(Code&) override {}

  const HeadLimits limits_;
  Error error_ = Error::kNone;
  StartLine* line_ = nullptr;  // during ParseHead
  Fields* fields_ = nullptr;   // where field lines go: the caller's during ParseHead, then trailers_
  std::string_view parsed_;    // the text that Beast is looking at, when it holds fields
  std::string_view body_;
  uint64_t chunk_left_ = 0;   // bytes of the current chunk that have not come
  bool after_chunk_ = false;  // a line end is due before the next chunk's line
  bool last_chunk_ = false;   // its line has come: what follows is trailers
  std::string lines_;         // a chunk's line, or the last one with the trailers
  Fields trailers_;
};

template <bool kIsRequest>
Error MessageParser<kIsRequest>::ParseHead(std::string_view head, StartLine* line, Fields* fields) {
  line_ = line;
  fields_ = fields;
  parsed_ = head;
  Code code;
  const size_t taken = Base::put({head.data(), head.size()}, code);
  line_ = nullptr;
  fields_ = &trailers_;
  if (error_ != Error::kNone) return error_;
  if (code) return Translate(code, head);
  return taken == head.size() ? Error::kNone : Error::kBadField;
}

template <bool kIsRequest>
Event MessageParser<kIsRequest>::ReadBody(std::string_view* in) {
  if (Base::is_done()) return Event::kEnd;
  if (in->empty()) return Event::kNeedMore;
  return Base::chunked() && chunk_left_ == 0 ? ReadChunkLines(in) : ReadData(in);
}

template <bool kIsRequest>
Event MessageParser<kIsRequest>::ReadData(std::string_view* in) {
  Code code;
  const size_t taken = Base::put({in->data(), in->size()}, code);
  in->remove_prefix(taken);
  return code ? Fail(Error::kBadChunk) : Event::kBody;
}

template <bool kIsRequest>
Event MessageParser<kIsRequest>::ReadChunkLines(std::string_view* in) {
  while (!in->empty()) {
    const Error error = TakeLine(in);
    if (error != Error::kNone) return Fail(error);
    if (lines_.back() != '\n') return Event::kNeedMore;
    if (!last_chunk_ && !ClosesItsQuotes(lines_)) return Fail(Error::kBadChunk);
    parsed_ = lines_;
    Code code;
    Base::put({lines_.data(), lines_.size()}, code);
    if (code == Beast::need_more) {
      // Beast asks for more with the line end of a chunk alone in hand, and with the last chunk's line.
      last_chunk_ = lines_ != "\r\n";
      continue;
    }
    if (error_ != Error::kNone) return Event::kError;
    if (code) return Fail(last_chunk_ ? Translate(code, {}) : Error::kBadChunk);
    if (Base::is_done()) return Event::kEnd;
    lines_.clear();
    return ReadBody(in);
  }
  return Event::kNeedMore;
}

// Beast lets the quoted value of a chunk's extension (RFC 9112 §7.1.1) go on across line ends; whoever cuts
// at the first of them takes what follows for the data.
template <bool kIsRequest>
bool MessageParser<kIsRequest>::ClosesItsQuotes(std::string_view line) {
  bool quoted = false;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') quoted = !quoted;
    if (line[at] == '\\' && quoted) ++at;
  }
  return !quoted;
}

// Moves one line, or what there is of it, from the front of *in to the end of lines_.
template <bool kIsRequest>
Error MessageParser<kIsRequest>::TakeLine(std::string_view* in) {
  const size_t newline = in->find('\n');
  const bool ends = newline != std::string_view::npos;
  const size_t size = ends ? newline + 1 : in->size();
  const size_t limit = last_chunk_ ? limits_.max_head_bytes : kMaxChunkLineBytes;
  if (lines_.size() + size > limit) return last_chunk_ ? Error::kHeadTooLarge : Error::kBadChunk;
  lines_.append(in->substr(0, size));
  in->remove_prefix(size);
  if (!ends) return Error::kNone;
  const bool crlf = lines_.size() >= 2 && lines_[lines_.size() - 2] == '\r';
  const bool chunk_closed = !after_chunk_ || lines_.compare(0, 2, "\r\n") == 0;
  return crlf && chunk_closed ? Error::kNone : Error::kBadChunk;
}

template <bool kIsRequest>
void MessageParser<kIsRequest>::on_field_impl(boost::beast::http::field, Text name, Text value, Code& code) {
  if (IsFolded(View(name), View(value))) return Refuse(Error::kBadField, &code);
  if (fields_->size() >= limits_.max_fields) return Refuse(Error::kTooManyFields, &code);
  fields_->Add(View(name), View(value));
}

// Beast unfolds obs-fold (RFC 9112 §5.2), which we refuse: into a buffer of its own, or, where the first line
// is empty, by skipping a line end.
template <bool kIsRequest>
bool MessageParser<kIsRequest>::IsFolded(std::string_view name, std::string_view value) const {
  const char* const name_end = name.data() + name.size();
  const char* const parsed_end = parsed_.data() + parsed_.size();
  const std::less<const char*> before;  // defined for pointers into different buffers, too
  if (before(value.data(), name_end) || before(parsed_end, value.data())) return true;
  return std::string_view(name_end, static_cast<size_t>(value.data() - name_end)).find('\r') !=
         std::string_view::npos;
}

template <bool kIsRequest>
Error MessageParser<kIsRequest>::Translate(const Code& code, std::string_view head) {
  if (code == Beast::bad_version) return TranslateVersion(head);
  if (code == Beast::bad_method || code == Beast::bad_status || code == Beast::bad_reason)
    return Error::kBadStartLine;
  if (code == Beast::bad_target) return Error::kBadTarget;
  if (code == Beast::bad_content_length) return Error::kBadContentLength;
  if (code == Beast::bad_transfer_encoding) return Error::kBadTransferEncoding;
  if (code == Beast::bad_chunk || code == Beast::bad_chunk_extension) return Error::kBadChunk;
  return Error::kBadField;
}

// A version that is well-formed, but not ours, differs from one that is not.
template <bool kIsRequest>
Error MessageParser<kIsRequest>::TranslateVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const size_t at = kIsRequest ? line.find(' ', line.find(' ') + 1) + 1 : 0;
  const std::string_view version = line.substr(at, kIsRequest ? std::string_view::npos : line.find(' '));
  const bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" && IsDigit(version[5]) &&
                           version[6] == '.' && IsDigit(version[7]);
  return well_formed ? Error::kUnsupportedVersion : Error::kBadStartLine;
}

}  // namespace fairlead::http1
