// What the response reader accepts must mean the same however the input is split, and must mean the same to
// the client once it is written anew, be it of HTTP/1.1 or of HTTP/1.0.
//
// The first byte of the input says how large the pieces are that a second reading gets; the second byte's
// lowest bits say whether HEAD was asked, whether the connection ends behind the input, and whether the
// client is old.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pkg/http1/body_writer.h"
#include "pkg/http1/framing.h"
#include "pkg/http1/hop_by_hop.h"
#include "pkg/http1/response_reader.h"
#include "pkg/http1/transcript.h"
#include "pkg/http1/writer.h"

namespace {

using fairlead::http1::BodyFraming;
using fairlead::http1::BodyWriter;
using fairlead::http1::Event;
using fairlead::http1::Fields;
using fairlead::http1::HeadLimits;
using fairlead::http1::Pieces;
using fairlead::http1::ResponseHead;
using fairlead::http1::ResponseReader;

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Exchange {
  std::string_view method;
  bool eof = false;
  int minor_version = 1;  // of the client
};

struct Relayed {
  bool complete = false;
  std::string wire;     // the response as it goes to the client
  std::string meaning;  // what the reader told about it
};

BodyFraming RelayHead(const ResponseHead& head, int minor_version, Relayed* out) {
  const BodyFraming body = FramingForClient(head.body, minor_version);
  Fields fields;
  CopyEndToEnd(head.fields, body.framing, &fields);
  AddFraming(body, &fields);
  AppendResponseHead(head.status, head.reason, fields, &out->wire);
  out->meaning.append(std::to_string(head.status)).append("\n");
  return body;
}

Relayed Relay(std::string_view in, const Exchange& exchange) {
  ResponseReader reader(
      HeadLimits{.max_head_bytes = 1 << 20, .max_start_line_bytes = 1 << 20, .max_fields = 1000},
      exchange.method);
  Relayed out;
  BodyWriter writer{BodyFraming{}};
  std::string scratch;
  std::string_view wire;
  for (;;) {
    Event event = reader.Next(&in);
    if (event == Event::kNeedMore && exchange.eof) event = reader.OnEof();
    if (event == Event::kHead) {
      writer = BodyWriter(RelayHead(reader.head(), exchange.minor_version, &out));
    } else if (event == Event::kBody) {
      Require(writer.Write(reader.body(), &scratch, &wire) == BodyWriter::Result::kOk);
      out.meaning.append(reader.body());
      out.wire.append(wire);
    } else if (event == Event::kEnd) {
      Require(writer.End(reader.trailers(), &scratch, &wire) == BodyWriter::Result::kOk);
      out.wire.append(wire);
      out.complete = true;
      return out;
    } else {
      return out;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t step = std::max<size_t>(data[0], 1);
  const Exchange exchange{(data[1] & 1) != 0 ? "HEAD" : "GET", (data[1] & 2) != 0,
                          (data[1] & 4) != 0 ? 0 : 1};
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const HeadLimits limits{.max_head_bytes = 2000, .max_start_line_bytes = 500, .max_fields = 20};
  Pieces pieces;
  for (size_t at = 0; at < input.size(); at += step) pieces.push_back(input.substr(at, step));
  Require(TranscribeResponse({input}, exchange.method, exchange.eof, limits) ==
          TranscribeResponse(pieces, exchange.method, exchange.eof, limits));

  const Relayed once = Relay(input, exchange);
  if (!once.complete) return 0;
  const Relayed twice = Relay(once.wire, {exchange.method, true, exchange.minor_version});
  Require(twice.complete);
  Require(once.meaning == twice.meaning);
  Require(once.wire == twice.wire);
  return 0;
}
