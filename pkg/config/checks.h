#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/base/address.h"
#include "pkg/base/clock.h"
#include "pkg/config/path.h"
#include "pkg/config/report.h"

namespace google::protobuf {
class Duration;
}

namespace fairlead::config {

// What many fields have in common. Each function reports what is wrong with one field.

// Longest value of a header, a path, a pattern.
inline constexpr size_t kMaxTextBytes = 4096;

// A name becomes a label of metrics: 1 to 128 letters, digits and "._-/:", the first a letter or digit.
void CheckName(std::string_view name, const Path& path, Report& report);
// The same, or empty.
void CheckOptionalName(std::string_view name, const Path& path, Report& report);

// Both inclusive.
struct NumberRange {
  uint32_t min = 0;
  uint32_t max = UINT32_MAX;
};
uint32_t ReadNumber(uint32_t number, NumberRange range, const Path& path, Report& report);

// Both inclusive.
struct DurationRange {
  base::Duration min{0};
  base::Duration max{0};
};
base::Duration ReadDuration(const google::protobuf::Duration& duration, DurationRange range, const Path& path,
                            Report& report);

// Nothing where there is no address.
std::optional<base::SocketAddress> ReadAddress(std::string_view text, const Path& path, Report& report);

// An address or a prefix of addresses; nothing where there is none.
std::optional<base::Cidr> ReadCidr(std::string_view text, const Path& path, Report& report);

// Tells when a value that may be there once is there again.
class Unique {
 public:
  // `what` the value is, for the message: "name".
  explicit Unique(std::string_view what) : what_(what) {}

  void Add(std::string_view value, const Path& path, Report& report);
  bool Has(std::string_view value) const { return first_.contains(value); }

 private:
  std::string_view what_;
  std::map<std::string, std::string, std::less<>> first_;  // value → the path where it came first
};

}  // namespace fairlead::config
