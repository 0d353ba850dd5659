#include "pkg/tls/validity.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace fairlead::tls {

std::string MomentOf(base::WallTime time) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string OutOfDate(const Certificate& certificate, base::WallTime now) {
  if (now >= certificate.expires()) {
    return fmt::format("the certificate expired at {}", MomentOf(certificate.expires()));
  }
  if (now < certificate.begins()) {
    return fmt::format("the certificate is not valid before {}", MomentOf(certificate.begins()));
  }
  return "";
}

bool EndsSoon(base::WallTime begins, base::WallTime ends, base::WallTime now) {
  // In seconds: in nanoseconds 300 years are too many.
  const auto seconds = [](base::WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); };
  const std::chrono::seconds fortnight = std::chrono::hours(14 * 24);
  return seconds(ends) - seconds(now) < std::min((seconds(ends) - seconds(begins)) / 10, fortnight);
}

std::string ExpiresSoon(const Certificate& certificate, base::WallTime now) {
  if (!OutOfDate(certificate, now).empty()) return "";
  if (!EndsSoon(certificate.begins(), certificate.expires(), now)) return "";
  return fmt::format("the certificate expires at {}", MomentOf(certificate.expires()));
}

}  // namespace fairlead::tls
