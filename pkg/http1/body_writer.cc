#include "pkg/http1/body_writer.h"

#include <array>
#include <charconv>

#include "pkg/http1/hop_by_hop.h"

namespace fairlead::http1 {

BodyWriter::Result BodyWriter::Write(std::string_view data, std::string* scratch, std::string_view* wire) {
  *wire = {};
  // An empty chunk would end the body.
  if (data.empty()) return Result::kOk;
  switch (framing_) {
    case Framing::kNone:
      return Result::kTooLong;
    case Framing::kContentLength:
      if (data.size() > left_) return Result::kTooLong;
      left_ -= data.size();
      *wire = data;
      return Result::kOk;
    case Framing::kUntilClose:
      *wire = data;
      return Result::kOk;
    case Framing::kChunked:
      break;
  }
  std::array<char, 16> hex;  // of 64 bits
  char* const end = std::to_chars(hex.begin(), hex.end(), data.size(), 16).ptr;
  scratch->assign(hex.begin(), end).append("\r\n").append(data).append("\r\n");
  *wire = *scratch;
  return Result::kOk;
}

BodyWriter::Result BodyWriter::End(const Fields& trailers, std::string* scratch,
                                   std::string_view* wire) const {
  *wire = {};
  if (left_ > 0) return Result::kTooShort;
  if (framing_ != Framing::kChunked) return Result::kOk;
  *scratch = "0\r\n";
  for (const Field& line : trailers) {
    if (MayBeTrailer(line.name)) scratch->append(line.name).append(": ").append(line.value).append("\r\n");
  }
  scratch->append("\r\n");
  *wire = *scratch;
  return Result::kOk;
}

}  // namespace fairlead::http1
