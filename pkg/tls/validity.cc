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

std::string ExpiresSoon(const Certificate& certificate, base::WallTime now) {
  const auto tenth = (certificate.expires() - certificate.begins()) / 10;
  const auto soon = std::min<base::WallTime::duration>(tenth, std::chrono::hours(14 * 24));
  if (!OutOfDate(certificate, now).empty() || certificate.expires() - now >= soon) return "";
  return fmt::format("the certificate expires at {}", MomentOf(certificate.expires()));
}

}  // namespace fairlead::tls
