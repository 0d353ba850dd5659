#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/http1/head_limits.h"
#include "pkg/http1/request_reader.h"
#include "pkg/http1/response_reader.h"

// For tests and fuzz targets: what a reader makes of an input, as text, so that two readings can be compared
// whole.
//
// Heads are written with everything that was understood, bodies with their pieces joined, errors by name, and
// input that belongs to no message behind "rest ".

namespace fairlead::http1 {

using Pieces = std::vector<std::string_view>;

namespace transcript_internal {

inline std::string Describe(const BodyFraming& body) {
  constexpr std::string_view kNames[] = {"none", "length", "chunked", "close"};
  const std::string_view name = kNames[static_cast<size_t>(body.framing)];
  return body.length.has_value() ? fmt::format("{} {}", name, *body.length) : std::string(name);
}

inline std::string Describe(const Fields& fields) {
  std::string text;
  for (const Field& line : fields) text += fmt::format("  {}: {}\n", line.name, line.value);
  return text;
}

inline std::string Describe(const RequestHead& head) {
  return fmt::format("{} {} path={} query={} host={} 1.{} keep={:d} continue={:d} upgrade={} body={}\n{}",
                     head.method, head.target, head.path, head.query, head.host, head.minor_version,
                     head.keep_alive, head.expect_continue, head.upgrade, Describe(head.body),
                     Describe(head.fields));
}

inline std::string Describe(const ResponseHead& head) {
  return fmt::format("{} {} 1.{} keep={:d} upgrade={} body={}\n{}", head.status, head.reason,
                     head.minor_version, head.keep_alive, head.upgrade, Describe(head.body),
                     Describe(head.fields));
}

// Joins the pieces of a body, which alone depend on how the input came.
class Transcript {
 public:
  void AddBody(std::string_view piece) {
    if (!in_body_) text_.append("body ");
    in_body_ = true;
    text_.append(piece);
  }
  void Add(std::string_view line) {
    if (in_body_) text_.append("\n");
    in_body_ = false;
    text_.append(line);
  }
  std::string Finish() {
    if (in_body_) text_.append("\n");
    return text_;
  }

 private:
  std::string text_;
  bool in_body_ = false;
};

// Reads until the reader wants more input, has ended or has failed, and writes down what came.
template <typename Reader>
Event Drain(Reader& reader, std::string_view* in, Transcript* transcript) {
  for (;;) {
    const Event event = reader.Next(in);
    if (event == Event::kHead) {
      transcript->Add("head " + Describe(reader.head()));
    } else if (event == Event::kBody) {
      transcript->AddBody(reader.body());
    } else if (event == Event::kEnd) {
      transcript->Add("end\n" + Describe(reader.trailers()));
      return event;
    } else if (event == Event::kError) {
      transcript->Add(fmt::format("error {}\n", ToString(reader.error())));
      return event;
    } else {
      return event;
    }
  }
}

inline std::string Finish(Transcript transcript, std::string_view rest) {
  if (!rest.empty()) transcript.Add(fmt::format("rest {}\n", rest));
  return transcript.Finish();
}

}  // namespace transcript_internal

inline std::string TranscribeRequests(const Pieces& pieces, const HeadLimits& limits = {}) {
  RequestReader reader(limits);
  transcript_internal::Transcript transcript;
  std::string rest;
  bool upgraded = false;
  for (std::string_view in : pieces) {
    while (!upgraded) {
      const Event event = transcript_internal::Drain(reader, &in, &transcript);
      if (event == Event::kError) return transcript.Finish();
      if (event == Event::kNeedMore) break;
      upgraded = !reader.head().upgrade.empty();
      if (!upgraded) reader.StartNext();
    }
    rest.append(in);
  }
  if (!upgraded && reader.started()) transcript.Add("unfinished\n");
  return transcript_internal::Finish(std::move(transcript), rest);
}

// With `eof` the input ends behind the last piece.
inline std::string TranscribeResponse(const Pieces& pieces, std::string_view method, bool eof,
                                      const HeadLimits& limits = {}) {
  ResponseReader reader(limits, method);
  transcript_internal::Transcript transcript;
  std::string rest;
  bool ended = false;
  for (std::string_view in : pieces) {
    const Event event = ended ? Event::kEnd : transcript_internal::Drain(reader, &in, &transcript);
    if (event == Event::kError) return transcript.Finish();
    ended = event == Event::kEnd;
    rest.append(in);
  }
  if (eof && !ended) transcript.Add(reader.OnEof() == Event::kEnd ? "end by eof\n" : "truncated\n");
  return transcript_internal::Finish(std::move(transcript), rest);
}

// Calls `transcribe` with the input whole, split in two at every place, and a byte at a time. Returns the
// transcript; should one split differ, both, so that a test fails and says where.
inline std::string SameHoweverSplit(std::string_view input,
                                    const std::function<std::string(const Pieces&)>& transcribe) {
  const std::string whole = transcribe({input});
  for (size_t at = 1; at < input.size(); ++at) {
    const std::string split = transcribe({input.substr(0, at), input.substr(at)});
    if (split != whole) return fmt::format("WHOLE\n{}SPLIT AT {}\n{}", whole, at, split);
  }
  Pieces bytes;
  for (size_t at = 0; at < input.size(); ++at) bytes.push_back(input.substr(at, 1));
  const std::string dribbled = transcribe(bytes);
  return dribbled == whole ? whole : fmt::format("WHOLE\n{}A BYTE AT A TIME\n{}", whole, dribbled);
}

}  // namespace fairlead::http1
