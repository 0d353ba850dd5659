// A header means the same however it is split, takes nothing that stands behind it, and means the same when
// it is written anew.
//
// The first byte of the input says how large the pieces are that a second reading gets.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pkg/proxy_protocol/header_reader.h"
#include "pkg/proxy_protocol/header_writer.h"

namespace {

using fairlead::proxy_protocol::Header;
using fairlead::proxy_protocol::HeaderReader;
using Result = HeaderReader::Result;

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Read {
  Result result = Result::kNeedMore;
  Header header;
  std::string taken;
  size_t left = 0;
};

Read InPieces(std::string_view bytes, size_t piece) {
  HeaderReader reader;
  Read read;
  while (read.result == Result::kNeedMore && !bytes.empty()) {
    std::string_view now = bytes.substr(0, piece);
    const size_t given = now.size();
    read.result = reader.Next(&now);
    bytes.remove_prefix(given - now.size());
  }
  read.header = reader.header();
  read.taken = reader.taken();
  read.left = bytes.size();
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Read whole = InPieces(bytes, std::max<size_t>(1, bytes.size()));
  const Read split = InPieces(bytes, 1 + data[0] % 64);
  Require(whole.result == split.result && whole.taken == split.taken && whole.left == split.left);
  Require(whole.taken == bytes.substr(0, whole.taken.size()));
  Require(whole.result == Result::kError || whole.taken.size() + whole.left == bytes.size());
  if (whole.result != Result::kDone) return 0;
  Require(whole.header == split.header);
  Require(whole.header.source.has_value() == whole.header.destination.has_value());
  const std::string text = WriteV1(whole.header);
  const Read again_as_text = InPieces(text, text.size());
  Require(again_as_text.result == Result::kDone && again_as_text.left == 0);
  const std::string binary = WriteV2(whole.header);
  const Read again = InPieces(binary, binary.size());
  Require(again.result == Result::kDone && again.left == 0 && again.header.source == whole.header.source);
  return 0;
}
