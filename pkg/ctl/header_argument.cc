#include "pkg/ctl/header_argument.h"

namespace fairlead::ctl {
namespace {

constexpr std::string_view kBlank = " \t";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

std::optional<std::pair<std::string, std::string>> ParseHeader(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = Trim(text.substr(0, colon));
  if (colon == std::string_view::npos || name.empty()) return std::nullopt;
  return std::pair(std::string(name), std::string(Trim(text.substr(colon + 1))));
}

}  // namespace fairlead::ctl
