#include "tests/conformance/strict_message.h"

#include <charconv>
#include <cstdint>

namespace fairlead::testing {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// What the size line of a chunk says: digits and nothing else.
bool ParseSize(std::string_view digits, int base, uint64_t* size) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *size, base);
  return error == std::errc() && end == digits.data() + digits.size();
}

// Takes a line without its end; false where it is not whole.
bool TakeLine(std::string_view* text, std::string_view* line) {
  const size_t end = text->find(kLineEnd);
  if (end == std::string_view::npos) return false;
  *line = text->substr(0, end);
  text->remove_prefix(end + kLineEnd.size());
  return true;
}

void TakeBytes(std::string_view* text, uint64_t size, StrictMessage* message) {
  const std::string_view piece = text->substr(0, size);
  message->body.append(piece);
  text->remove_prefix(piece.size());
}

void TakeTrailers(std::string_view* text, StrictMessage* message) {
  for (std::string_view line; TakeLine(text, &line);) {
    if (line.empty()) {
      message->complete = true;
      return;
    }
    message->trailers.append(line).append(kLineEnd);
  }
}

void TakeChunks(std::string_view* text, StrictMessage* message) {
  for (std::string_view line; TakeLine(text, &line);) {
    uint64_t size = 0;
    if (!ParseSize(line, 16, &size)) {
      message->error = "a chunk's size is " + std::string(line);
      return;
    }
    if (size == 0) return TakeTrailers(text, message);
    const bool whole = text->size() >= size;
    TakeBytes(text, size, message);
    if (!whole || text->size() < kLineEnd.size()) return;
    if (!text->starts_with(kLineEnd)) {
      message->error = "a chunk is longer than its size says";
      return;
    }
    text->remove_prefix(kLineEnd.size());
  }
}

}  // namespace

std::string_view FieldOf(std::string_view head, std::string_view name) {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const size_t at = head.find(start);
  if (at == std::string_view::npos) return {};
  const size_t value = at + start.size();
  return head.substr(value, head.find(kLineEnd, value) - value);
}

bool IsBodiless(std::string_view head) {
  return head.starts_with("HTTP/1.1 1") || head.starts_with("HTTP/1.1 204 ") ||
         head.starts_with("HTTP/1.1 304 ");
}

StrictMessage TakeMessage(std::string_view* text, bool bodiless) {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  StrictMessage message;
  const size_t end = text->find(kHeadEnd);
  if (end == std::string_view::npos) {
    message.error = "no head: " + std::string(*text);
    return message;
  }
  message.head = text->substr(0, end + kHeadEnd.size());
  text->remove_prefix(message.head.size());
  const std::string_view length = FieldOf(message.head, "Content-Length");
  const bool chunked = message.head.find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos;
  uint64_t size = 0;
  if (bodiless || IsBodiless(message.head)) {
    message.complete = true;
  } else if (chunked) {
    TakeChunks(text, &message);
  } else if (!length.empty()) {
    if (!ParseSize(length, 10, &size)) message.error = "Content-Length is " + std::string(length);
    message.complete = text->size() >= size;
    TakeBytes(text, size, &message);
  } else {
    message.complete = true;
    if (message.head.starts_with("HTTP/"))
      TakeBytes(text, text->size(), &message);  // to the end of the connection
  }
  return message;
}

}  // namespace fairlead::testing
