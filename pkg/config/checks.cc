#include "pkg/config/checks.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>

#include "google/protobuf/duration.pb.h"
#include "pkg/config/duration_text.h"
#include "pkg/config/quote.h"
#include "pkg/http1/ascii.h"

namespace fairlead::config {
namespace {

constexpr size_t kMaxNameBytes = 128;
constexpr size_t kMaxUnixPathBytes = sizeof(sockaddr_un::sun_path) - 1;

bool IsNameByte(char c) {
  return http1::IsAlphanumeric(c) || std::string_view("._-/:").find(c) != std::string_view::npos;
}

// Milliseconds; nothing when it is no duration or finer.
std::optional<base::Duration> Milliseconds(const google::protobuf::Duration& duration) {
  constexpr int64_t kMaxSeconds = 315'576'000'000;  // what the message may hold
  constexpr int32_t kNanosPerMilli = 1'000'000;
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (seconds < -kMaxSeconds || seconds > kMaxSeconds || nanos % kNanosPerMilli != 0) return std::nullopt;
  if (nanos <= -1000 * kNanosPerMilli || nanos >= 1000 * kNanosPerMilli) return std::nullopt;
  if ((seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) return std::nullopt;
  return base::Duration(seconds * 1000 + nanos / kNanosPerMilli);
}

}  // namespace

void CheckName(std::string_view name, const Path& path, Report& report) {
  if (name.empty()) {
    report.Add(path, "is missing", "give it a name");
    return;
  }
  CheckOptionalName(name, path, report);
}

void CheckOptionalName(std::string_view name, const Path& path, Report& report) {
  if (name.empty()) return;
  if (name.size() > kMaxNameBytes) {
    report.Add(path, fmt::format("{} is too long", Quote(name)), "use at most 128 characters");
  } else if (!std::all_of(name.begin(), name.end(), IsNameByte) || !http1::IsAlphanumeric(name.front())) {
    report.Add(path, fmt::format("{} is no name", Quote(name)),
               "use letters, digits, and behind the first also . _ - / :");
  }
}

uint32_t ReadNumber(uint32_t number, NumberRange range, const Path& path, Report& report) {
  if (number < range.min || number > range.max) {
    report.Add(path, fmt::format("{} is out of range", number),
               fmt::format("give a number from {} to {}", range.min, range.max));
  }
  return number;
}

base::Duration ReadDuration(const google::protobuf::Duration& duration, DurationRange range, const Path& path,
                            Report& report) {
  const std::optional<base::Duration> value = Milliseconds(duration);
  const std::string wanted =
      fmt::format("give a duration from {} to {}", FormatDuration(range.min), FormatDuration(range.max));
  if (!value) {
    report.Add(path, "is not a duration in whole milliseconds", wanted);
    return range.min;
  }
  if (*value < range.min || *value > range.max) {
    const std::string text = value->count() < 0 ? "a negative duration" : FormatDuration(*value);
    report.Add(path, fmt::format("{} is out of range", text), wanted);
  }
  return *value;
}

std::optional<base::SocketAddress> ReadAddress(std::string_view text, const Path& path, Report& report) {
  constexpr std::string_view kUnix = "unix:";
  std::optional<base::SocketAddress> address = base::SocketAddress::Parse(text);
  if (address) return address;
  const size_t path_bytes = text.starts_with(kUnix) ? text.size() - kUnix.size() : 0;
  if (path_bytes > kMaxUnixPathBytes) {
    report.Add(path, fmt::format("its path of {} bytes is too long", path_bytes),
               fmt::format("use at most {} bytes", kMaxUnixPathBytes));
  } else {
    report.Add(path, text.empty() ? "is missing" : fmt::format("{} is no address", Quote(text)),
               "write IP:port, [IPv6]:port or unix:/path");
  }
  return address;
}

std::optional<base::Cidr> ReadCidr(std::string_view text, const Path& path, Report& report) {
  const std::optional<base::Cidr> prefix = base::Cidr::Parse(text);
  if (!prefix) {
    report.Add(path, Quote(text) + " is no address prefix",
               "write one such as 10.0.0.0/8, without bits behind its length");
  }
  return prefix;
}

void Unique::Add(std::string_view value, const Path& path, Report& report) {
  const auto [first, fresh] = first_.try_emplace(std::string(value));
  if (fresh) {
    first->second = path.ToString();
  } else {
    report.Add(path, fmt::format("the {} {} is taken by {}", what_, Quote(value), first->second),
               fmt::format("give each its own {}", what_));
  }
}

}  // namespace fairlead::config
