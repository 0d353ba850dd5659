#include "pkg/control/check_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "pkg/http1/request_reader.h"
#include "pkg/http1/tokens.h"

namespace fairlead::control {
namespace {

config::Violation Wrong(std::string_view field, std::string problem, std::string_view remedy) {
  return {
      .path = std::string(field), .line = 0, .problem = std::move(problem), .remedy = std::string(remedy)};
}

// It would begin another line of the head.
bool EndsALine(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}

// What could pass for another part of the head.
std::optional<config::Violation> CheckParts(const Question& question) {
  if (!http1::IsToken(question.method)) {
    return Wrong("method", "is no method", "write one such as GET");
  }
  const std::string_view target = question.target;
  if (target.find(' ') != std::string_view::npos || EndsALine(target) ||
      !(target.starts_with('/') || target == "*")) {
    return Wrong("path", "is no path", "write one that begins with / and has no spaces");
  }
  if (EndsALine(question.host)) return Wrong("host", "is no host", "write one such as chat.example.com");
  for (const auto& [name, value] : question.headers) {
    if (!http1::IsToken(name) || EndsALine(value)) {
      return Wrong("headers", "has one with a bad name or value",
                   "write names and values as they go into a head");
    }
  }
  return std::nullopt;
}

std::string HeadOf(const Question& question) {
  // Only HTTP/1.0 goes without a Host.
  std::string head =
      fmt::format("{} {} HTTP/1.{}\r\n", question.method, question.target, question.host.empty() ? 0 : 1);
  if (!question.host.empty()) head += fmt::format("Host: {}\r\n", question.host);
  for (const auto& [name, value] : question.headers) head += fmt::format("{}: {}\r\n", name, value);
  return head + "\r\n";
}

std::string_view FieldOf(http1::Error error) {
  switch (error) {
    case http1::Error::kUnsupportedMethod:
      return "method";
    case http1::Error::kBadStartLine:
    case http1::Error::kBadTarget:
    case http1::Error::kTargetTooLong:
      return "path";
    case http1::Error::kBadHost:
      return "host";
    default:
      return "headers";
  }
}

http1::HeadLimits LimitsOf(const snapshot::Snapshot& snapshot, const std::string& name) {
  http1::HeadLimits limits;
  const snapshot::Listener* listener = snapshot.FindListener(name);
  if (listener == nullptr && name.empty() && !snapshot.listeners().empty()) {
    listener = &snapshot.listeners().front();
  }
  if (listener != nullptr) limits.max_head_bytes = listener->limits.max_header_bytes;
  limits.max_start_line_bytes = std::min(limits.max_start_line_bytes, limits.max_head_bytes);
  return limits;
}

}  // namespace

std::optional<config::Violation> CheckQuestion(const snapshot::Snapshot& snapshot, const Question& question) {
  if (auto wrong = CheckParts(question)) return wrong;
  http1::RequestReader reader(LimitsOf(snapshot, question.listener));
  const std::string head = HeadOf(question);
  std::string_view in = head;
  if (reader.Next(&in) != http1::Event::kError) return std::nullopt;
  const http1::Error error = reader.error();
  return Wrong(FieldOf(error),
               fmt::format("would be answered with {} ({})", http1::StatusOf(error), http1::ToString(error)),
               "ask for what a client may send");
}

}  // namespace fairlead::control
