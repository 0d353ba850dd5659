#include "pkg/proxy/max_forwards.h"

#include <charconv>
#include <cstdint>
#include <string>

namespace fairlead::proxy {
namespace {

constexpr std::string_view kName = "Max-Forwards";

bool CountsDown(std::string_view method) {
  return method == "OPTIONS" || method == "TRACE";
}

std::optional<uint64_t> ParseCount(std::string_view text) {
  uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, count);
  return error == std::errc() && stopped == end ? std::optional(count) : std::nullopt;
}

}  // namespace

std::optional<LocalReply> CheckMaxForwards(const http1::RequestHead& head) {
  using telemetry::RejectReason;
  const auto given = CountsDown(head.method) ? head.fields.Get(kName) : std::nullopt;
  if (!given) return std::nullopt;
  const std::optional<uint64_t> count = ParseCount(*given);
  if (!count || head.fields.Count(kName) > 1) {
    return LocalReply{400, RejectReason::kBadRequest, "Max-Forwards is not one number."};
  }
  if (*count > 0) return std::nullopt;
  if (head.method == "TRACE")
    return LocalReply{501, RejectReason::kMaxForwards, "This proxy does not trace."};
  return LocalReply{200, RejectReason::kMaxForwards, "This proxy is as far as Max-Forwards reaches."};
}

void CountDownMaxForwards(std::string_view method, http1::Fields* fields) {
  const auto given = CountsDown(method) ? fields->Get(kName) : std::nullopt;
  const std::optional<uint64_t> count = given ? ParseCount(*given) : std::nullopt;
  if (count.value_or(0) > 0) fields->Set(kName, fields->Keep(std::to_string(*count - 1)));
}

}  // namespace fairlead::proxy
