#include "pkg/config/read_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/quote.h"
#include "pkg/http1/origin.h"

namespace fairlead::config {
namespace {

constexpr std::string_view kWildcard = "://*.";

// With a wildcard: judged as the host that is left without it.
std::optional<std::string> Normalize(std::string_view text) {
  const size_t wildcard = text.find(kWildcard);
  if (wildcard == std::string_view::npos) return http1::NormalizeOrigin(text);
  std::string without(text);
  without.erase(wildcard + 3, 2);
  std::optional<std::string> origin = http1::NormalizeOrigin(without);
  if (!origin || origin->find('[') != std::string::npos) return std::nullopt;
  return origin->insert(wildcard + 3, "*.");
}

std::vector<base::Cidr> ReadCidrs(const auto& texts, const Path& path, std::string_view remedy,
                                  Report& report) {
  std::vector<base::Cidr> prefixes;
  if (texts.empty() && report.WrittenInFile(path)) report.Add(path, "is empty", std::string(remedy));
  for (int i = 0; i < texts.size(); ++i) {
    if (const auto prefix = ReadCidr(texts.Get(i), path.Index(i), report)) prefixes.push_back(*prefix);
  }
  return prefixes;
}

}  // namespace

OriginRules ReadOrigins(const v1::Route& message, const Path& path, Report& report) {
  const Path list = path.Field("origins"), required = path.Field("origin_required");
  OriginRules rules;
  rules.required = message.origin_required();
  // Leaving it out means any origin; whoever writes an empty list means the opposite.
  if (message.origins_size() == 0 && report.WrittenInFile(list)) {
    report.Add(list, "is empty", "list origins, or leave it out for any");
  } else if (message.origins_size() == 0 && rules.required) {
    report.Add(required, "has no origins beside it", "list origins, or leave it out");
  }
  for (int i = 0; i < message.origins_size(); ++i) {
    const std::string& text = message.origins(i);
    std::optional<std::string> origin = Normalize(text);
    if (!origin) {
      report.Add(
          list.Index(i), fmt::format("{} is no origin", Quote(text)),
          "write https://chat.example.com, https://*.example.com, with a port where it is not the usual "
          "one, and no path");
    } else if (std::find(rules.allowed.begin(), rules.allowed.end(), *origin) != rules.allowed.end()) {
      report.Add(list.Index(i), "is there already", "leave it out");
    } else {
      rules.allowed.push_back(*std::move(origin));
    }
  }
  return rules;
}

AddressRules ReadAddressRules(const v1::AddressRules& message, const Path& path, Report& report) {
  const Path allow = path.Field("allow"), deny = path.Field("deny");
  return {.allow = ReadCidrs(message.allow(), allow, "list addresses, or leave it out for all", report),
          .deny = ReadCidrs(message.deny(), deny, "list addresses, or leave it out for none", report)};
}

}  // namespace fairlead::config
