#include "pkg/config/read_header_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/quote.h"
#include "pkg/http1/ascii.h"
#include "pkg/http1/hop_by_hop.h"

namespace fairlead::config {
namespace {

constexpr int kMaxRules = 64;
constexpr std::array<std::string_view, 12> kVariables = {
    "client_ip",   "host",       "request_id",      "listener",       "route",           "cluster",
    "tls_version", "tls_cipher", "tls_server_name", "client_subject", "client_dns_name", "client_spiffe_id"};

// The proxy writes these itself: they frame the message, make the upgrade or concern the next hop only.
bool IsReserved(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"content-length", "expect", "host", "http2-settings"};
  return http1::IsHopByHop(name) || name.starts_with("sec-websocket-") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string ReadName(std::string_view text, const Path& path, Report& report) {
  std::string name = ReadHeaderName(text, path, report);
  if (name == "host") {
    report.Add(path, "Host is not to be touched here", "use rewrite.host");
  } else if (IsReserved(name)) {
    report.Add(path, fmt::format("{} is the proxy's own", Quote(text)), "leave it out");
  }
  return name;
}

bool IsVariableByte(char c) {
  return http1::IsAlphanumeric(c) || c == '_';
}

// What stands between two percent signs and looks like a name must be one. Any other percent sign is itself.
void CheckVariables(std::string_view value, const Path& path, Report& report) {
  for (size_t at = value.find('%'); at != std::string_view::npos; at = value.find('%')) {
    value.remove_prefix(at + 1);
    const auto end = std::find_if_not(value.begin(), value.end(), IsVariableByte);
    if (end == value.end() || *end != '%') continue;
    const std::string_view name = value.substr(0, end - value.begin());
    const bool known = std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end();
    if (known || name.empty()) {
      value.remove_prefix(name.size() + 1);
    } else if (!http1::IsDigit(name[0])) {  // "%20" is more likely an escape
      report.Add(path, fmt::format("there is no variable %{}%", name),
                 "use one that docs/configuration.md lists, such as client_ip, and %% for a percent sign");
      return;
    }
  }
}

template <typename Map>
std::map<std::string, std::string> ReadValues(const Map& message, const Path& path, Report& report) {
  std::map<std::string, std::string> values;
  if (message.size() > kMaxRules) {
    report.Add(path, "is too long", "64 headers are the limit");
    return values;
  }
  // The message has no order of its own; the report should.
  const std::map<std::string, std::string> sorted(message.begin(), message.end());
  for (const auto& [text, value] : sorted) {
    const Path item = path.Field(text);
    std::string name = ReadName(text, item, report);
    CheckHeaderValue(value, item, report);
    CheckVariables(value, item, report);
    if (!values.emplace(std::move(name), value).second) {
      report.Add(item, "is given twice: names are the same in any case", "leave one");
    }
  }
  return values;
}

}  // namespace

HeaderRules ReadHeaderRules(const v1::HeaderRules& message, const Path& path, Report& report) {
  HeaderRules rules;
  rules.set = ReadValues(message.set(), path.Field("set"), report);
  rules.add = ReadValues(message.add(), path.Field("add"), report);
  const Path remove = path.Field("remove");
  if (message.remove_size() > kMaxRules) {
    report.Add(remove, "is too long", "64 headers are the limit");
    return rules;
  }
  std::set<std::string> seen;
  for (int i = 0; i < message.remove_size(); ++i) {
    std::string name = ReadName(message.remove(i), remove.Index(i), report);
    if (!seen.insert(name).second) report.Add(remove.Index(i), "is there already", "leave it out");
    rules.remove.push_back(std::move(name));
  }
  return rules;
}

}  // namespace fairlead::config
