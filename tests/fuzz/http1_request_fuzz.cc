// What the request reader accepts must mean the same however the input is split, and must mean the same to
// the next hop once it is written anew: forwarding what was forwarded changes nothing.
//
// The first byte of the input says how large the pieces are that a second reading gets.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pkg/http1/body_writer.h"
#include "pkg/http1/hop_by_hop.h"
#include "pkg/http1/request_reader.h"
#include "pkg/http1/transcript.h"
#include "pkg/http1/writer.h"

namespace {

using fairlead::http1::BodyWriter;
using fairlead::http1::Event;
using fairlead::http1::Fields;
using fairlead::http1::HeadLimits;
using fairlead::http1::Pieces;
using fairlead::http1::RequestHead;
using fairlead::http1::RequestReader;

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Forwarded {
  std::string wire;     // the complete requests as they go to the backend
  std::string meaning;  // what the reader told about them
};

void ForwardHead(const RequestHead& head, Forwarded* out) {
  Fields fields;
  CopyEndToEnd(head.fields, head.body.framing, &fields);
  if (!fields.Has("host")) fields.Add("Host", "unknown");
  AddFraming(head.body, &fields);
  AddConnection(head.upgrade.empty() ? "" : "upgrade", &fields);
  if (!head.upgrade.empty()) fields.Add("Upgrade", head.upgrade);
  AppendRequestHead(head.method, head.target, fields, &out->wire);
  for (std::string_view part : {head.method, head.target, head.path, head.query, head.upgrade}) {
    out->meaning.append(part).append("|");
  }
  out->meaning.append(head.host.empty() ? "unknown" : head.host).append("\n");
}

// Reads one request from the front of *in. False when it is refused or incomplete.
bool ForwardOne(RequestReader& reader, std::string_view* in, Forwarded* out) {
  if (reader.Next(in) != Event::kHead) return false;
  ForwardHead(reader.head(), out);
  BodyWriter writer(reader.head().body);
  std::string scratch;
  std::string_view wire;
  for (;;) {
    const Event event = reader.Next(in);
    if (event == Event::kBody) {
      Require(writer.Write(reader.body(), &scratch, &wire) == BodyWriter::Result::kOk);
      out->meaning.append(reader.body());
      out->wire.append(wire);
    } else if (event == Event::kEnd) {
      Require(writer.End(reader.trailers(), &scratch, &wire) == BodyWriter::Result::kOk);
      out->wire.append(wire);
      return true;
    } else {
      return false;
    }
  }
}

Forwarded Forward(std::string_view in) {
  // What is written anew may be a little longer than what came.
  RequestReader reader(
      HeadLimits{.max_head_bytes = 1 << 20, .max_start_line_bytes = 1 << 19, .max_fields = 1000});
  Forwarded all;
  for (;;) {
    Forwarded one;
    if (!ForwardOne(reader, &in, &one)) return all;
    all.wire.append(one.wire);
    all.meaning.append(one.meaning).append("\n");
    if (!reader.head().upgrade.empty()) return all;
    reader.StartNext();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = std::max<size_t>(data[0], 1);
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const HeadLimits limits{.max_head_bytes = 2000, .max_start_line_bytes = 500, .max_fields = 20};
  Pieces pieces;
  for (size_t at = 0; at < input.size(); at += step) pieces.push_back(input.substr(at, step));
  Require(TranscribeRequests({input}, limits) == TranscribeRequests(pieces, limits));

  const Forwarded once = Forward(input);
  const Forwarded twice = Forward(once.wire);
  Require(once.meaning == twice.meaning);
  Require(once.wire == twice.wire);
  return 0;
}
