#include "pkg/config/rebalance_target.h"

#include <fmt/format.h>

#include <cmath>

namespace fairlead::config {
namespace {

constexpr double kMaxTarget = 10;

}  // namespace

std::optional<uint32_t> ReadRebalanceTarget(double target, Violation* wrong) {
  // Nothing that compares with a NaN is true.
  if (!(target > 1 && target <= kMaxTarget)) {
    wrong->problem = fmt::format("{} is out of range", target);
    wrong->remedy = "give more than 1 up to 10, such as 1.1";
    return std::nullopt;
  }
  const double permille = target * 1000;
  const auto rounded = static_cast<uint32_t>(std::lround(permille));
  // 1.025 * 1000 is not quite 1025.
  if (std::abs(permille - rounded) > 1e-6 || rounded == 1000) {
    wrong->problem = fmt::format("{} is too fine", target);
    wrong->remedy = "give at most three decimal places";
    return std::nullopt;
  }
  return rounded;
}

}  // namespace fairlead::config
