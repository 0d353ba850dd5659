// A chunked body (RFC 9112 §7.1) means the same however it is split; what the reader takes for one is one for
// a slow and obvious reader, too, with the same content and the same end; what that one takes in its plainest
// form, the reader takes; and what goes on to the next hop is of that form.
//
// The first two bytes of the input say where the body behind them is split.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/http1/body_writer.h"
#include "pkg/http1/request_reader.h"
#include "pkg/http1/transcript.h"
#include "tests/fuzz/pieces.h"

namespace {

using fairlead::http1::BodyWriter;
using fairlead::http1::Event;
using fairlead::http1::HeadLimits;
using fairlead::http1::Pieces;
using fairlead::http1::RequestReader;

constexpr std::string_view kHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr HeadLimits kLimits{.max_head_bytes = 2000, .max_start_line_bytes = 500, .max_fields = 20};

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Body {
  std::string content;
  size_t size = 0;    // with its framing
  bool plain = true;  // no extensions, no trailers, no more digits than it takes
};

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// Takes a line with its end; nothing where there is none, or one that ends otherwise.
std::optional<std::string_view> TakeLine(std::string_view* text) {
  const size_t end = text->find_first_of("\r\n");
  if (end == std::string_view::npos || text->substr(end, 2) != "\r\n") return std::nullopt;
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end + 2);
  return line;
}

// Nothing where it is not whole, or no chunked body.
std::optional<Body> ReadSlowly(std::string_view text) {
  const size_t given = text.size();
  Body body;
  for (;;) {
    const auto line = TakeLine(&text);
    if (!line || line->empty() || !HexDigit(line->front())) return std::nullopt;
    uint64_t size = 0;
    size_t digits = 0;
    for (; digits < line->size() && HexDigit((*line)[digits]); ++digits) {
      if (size >> 60 != 0) return std::nullopt;
      size = size * 16 + *HexDigit((*line)[digits]);
    }
    const size_t behind = std::min(line->find_first_not_of(" \t", digits), line->size());
    if (behind < line->size() && (*line)[behind] != ';') return std::nullopt;
    if (line->size() > digits || digits > 16) body.plain = false;
    if (size == 0) break;
    if (text.size() < size || text.size() - size < 2 || text.substr(size, 2) != "\r\n") return std::nullopt;
    body.content.append(text.substr(0, size));
    text.remove_prefix(size + 2);
  }
  for (;;) {
    const auto line = TakeLine(&text);
    if (!line) return std::nullopt;
    if (line->empty()) break;
    body.plain = false;
  }
  body.size = given - text.size();
  return body;
}

struct Relayed {
  bool complete = false;
  std::string content;
  std::string wire;  // as it goes to the next hop
  size_t size = 0;   // of what was taken
};

Relayed Relay(std::string_view in) {
  const size_t given = in.size();
  std::string_view head = kHead;
  RequestReader reader(kLimits);
  Require(reader.Next(&head) == Event::kHead);
  BodyWriter writer(reader.head().body);
  Relayed relayed;
  std::string scratch;
  std::string_view wire;
  Event event;
  while ((event = reader.Next(&in)) == Event::kBody) {
    relayed.content.append(reader.body());
    Require(writer.Write(reader.body(), &scratch, &wire) == BodyWriter::Result::kOk);
    relayed.wire.append(wire);
  }
  if (event != Event::kEnd) return relayed;
  Require(writer.End(reader.trailers(), &scratch, &wire) == BodyWriter::Result::kOk);
  relayed.wire.append(wire);
  relayed.complete = true;
  relayed.size = given - in.size();
  return relayed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string whole = std::string(kHead).append(input);
  Pieces pieces = fairlead::testing::CutAtRandom(input, data[0] * 256 + data[1]);
  pieces.insert(pieces.begin(), kHead);
  Require(TranscribeRequests({whole}, kLimits) == TranscribeRequests(pieces, kLimits));

  const Relayed relayed = Relay(input);
  const std::optional<Body> slowly = ReadSlowly(input);
  if (!relayed.complete) {
    Require(!slowly || !slowly->plain);
    return 0;
  }
  Require(slowly && slowly->content == relayed.content && slowly->size == relayed.size);
  const std::optional<Body> onward = ReadSlowly(relayed.wire);
  Require(onward && onward->content == relayed.content && onward->size == relayed.wire.size());
  return 0;
}
