#include "pkg/config/http_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "pkg/base/address.h"
#include "pkg/config/checks.h"
#include "pkg/config/quote.h"
#include "pkg/http1/ascii.h"
#include "pkg/http1/authority.h"
#include "pkg/http1/target.h"
#include "pkg/http1/tokens.h"

namespace fairlead::config {
namespace {

constexpr size_t kMaxHostNameBytes = 253;  // RFC 1035 §2.3.4, without the root's dot
constexpr size_t kMaxLabelBytes = 63;

bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), http1::ToLower);
  return lower;
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return IsLower(c) ? static_cast<char>(c - ('a' - 'A')) : c; });
  return upper;
}

bool IsLabel(std::string_view label) {
  const auto allowed = [](char c) { return http1::IsAlphanumeric(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= kMaxLabelBytes && std::all_of(label.begin(), label.end(), allowed);
}

bool IsHostName(std::string_view text) {
  if (text.size() > kMaxHostNameBytes) return false;
  for (size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    if (!IsLabel(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return IsLabel(text);
}

// Without a port.
bool IsHost(std::string_view text) {
  if (!text.starts_with('[')) return IsHostName(text);
  const std::optional<http1::Authority> authority = http1::ParseAuthority(text);
  return authority && authority->host == text;
}

}  // namespace

void CheckPath(std::string_view text, const Path& path, Report& report) {
  if (text.starts_with('/') && text.find('?') != std::string_view::npos) {
    report.Add(path, fmt::format("{} has a query", Quote(text)), "leave it out; match it with query");
  } else {
    CheckPathAndQuery(text, path, report);
  }
}

void CheckPathAndQuery(std::string_view text, const Path& path, Report& report) {
  if (text.size() > kMaxTextBytes) {
    report.Add(path, "is too long", "4096 bytes are the limit");
  } else if (!text.starts_with('/')) {
    report.Add(path, fmt::format("{} does not start with /", Quote(text)), "write a path such as /chat");
  } else if (!http1::ParseTarget("GET", text)) {
    report.Add(path, fmt::format("{} is no path that a request may have", Quote(text)),
               "percent-encode what is not visible ASCII; no fragments, dot segments, backslashes");
  }
}

void CheckHost(std::string_view text, const Path& path, Report& report) {
  const std::optional<http1::Authority> authority = http1::ParseAuthority(text);
  if (!authority || !IsHost(authority->host) || text.ends_with(':')) {
    report.Add(path, fmt::format("{} is no host", Quote(text)),
               "write name, name:port, IP:port or [IPv6]:port");
  }
}

std::string ReadDomain(std::string_view text, const Path& path, Report& report) {
  const bool wildcard = text.starts_with("*.");
  if (text == "*" || (wildcard ? IsHostName(text.substr(2)) : IsHost(text))) return LowerCase(text);
  const std::optional<http1::Authority> authority = http1::ParseAuthority(text);
  if (authority && authority->host != text) {
    report.Add(path, fmt::format("{} has a port", Quote(text)),
               "leave it out: the port in Host does not matter");
  } else if (text.find('*') != std::string_view::npos) {
    report.Add(path, fmt::format("{} is no wildcard", Quote(text)), "write *.example.com, or * for any host");
  } else {
    report.Add(path, fmt::format("{} is no host name", Quote(text)),
               "write chat.example.com, *.example.com, an address, or * for any host");
  }
  return "";
}

void CheckDnsName(std::string_view text, const Path& path, Report& report) {
  if (text.empty()) {
    report.Add(path, "is missing", "write a host name");
  } else if (base::IpAddress::Parse(text)) {
    report.Add(path, fmt::format("{} is an address", Quote(text)), "list it under endpoints");
  } else if (!IsHostName(text.ends_with('.') ? text.substr(0, text.size() - 1) : text)) {
    report.Add(path, fmt::format("{} is no host name", Quote(text)), "write a name such as chat.default.svc");
  }
}

std::string ReadHeaderName(std::string_view text, const Path& path, Report& report) {
  constexpr size_t kMaxBytes = 256;
  if (!http1::IsToken(text) || text.size() > kMaxBytes) {
    report.Add(path, fmt::format("{} is no name of a header", Quote(text)),
               "use letters, digits and - as in x-request-id");
  }
  return LowerCase(text);
}

void CheckHeaderValue(std::string_view text, const Path& path, Report& report) {
  const auto is_control = [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; };
  if (text.size() > kMaxTextBytes) {
    report.Add(path, "is too long", "4096 bytes are the limit");
  } else if (std::any_of(text.begin(), text.end(), is_control)) {
    report.Add(path, fmt::format("{} has a control character", Quote(text)),
               "leave out line ends and the like");
  }
}

void CheckMethod(std::string_view text, const Path& path, Report& report) {
  if (text.empty()) return;
  if (!http1::IsToken(text)) {
    report.Add(path, fmt::format("{} is no method", Quote(text)), "write one such as GET");
  } else if (std::any_of(text.begin(), text.end(), IsLower)) {
    report.Add(path,
               fmt::format("{} is not in capitals, and methods are compared as they stand", Quote(text)),
               fmt::format("write {}", UpperCase(text)));
  } else if (text == "CONNECT") {
    report.Add(path, "CONNECT is never routed", "match another method");
  }
}

std::string ReadUpgradeToken(std::string_view text, const Path& path, Report& report) {
  const size_t slash = text.find('/');
  const bool versioned = slash != std::string_view::npos;
  const bool valid =
      http1::IsToken(text.substr(0, slash)) && (!versioned || http1::IsToken(text.substr(slash + 1)));
  std::string token = LowerCase(text);
  if (!valid) {
    report.Add(path, fmt::format("{} is no protocol", Quote(text)), "write one such as websocket, or *");
  } else if (token.substr(0, slash) == "h2c") {
    report.Add(path, "h2c would be a way around the routes", "leave it out");
  }
  return token;
}

}  // namespace fairlead::config
