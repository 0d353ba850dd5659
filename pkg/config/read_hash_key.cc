#include "pkg/config/read_hash_key.h"

#include <optional>
#include <string>
#include <variant>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/same_site.h"
#include "pkg/http1/tokens.h"

namespace fairlead::config {
namespace {

constexpr NumberRange kV4Bits = {1, 32};
constexpr NumberRange kV6Bits = {1, 128};
constexpr NumberRange kSegments = {0, 64};
constexpr DurationRange kTtl = {base::Duration(0), std::chrono::hours(8760)};
constexpr size_t kMaxNameBytes = 256;

SourceIpKey ReadSourceIp(const v1::SourceIp& message, const Path& path, Report& report) {
  SourceIpKey key;
  if (message.has_ipv4_prefix_length()) {
    key.ipv4_prefix_length =
        ReadNumber(message.ipv4_prefix_length(), kV4Bits, path.Field("ipv4_prefix_length"), report);
  }
  if (message.has_ipv6_prefix_length()) {
    key.ipv6_prefix_length =
        ReadNumber(message.ipv6_prefix_length(), kV6Bits, path.Field("ipv6_prefix_length"), report);
  }
  return key;
}

CookieIssue ReadIssue(const v1::CookieIssue& message, const Path& path, Report& report) {
  CookieIssue issue;
  if (!message.path().empty()) {
    issue.path = message.path();
    CheckPath(issue.path, path.Field("path"), report);
    if (issue.path.find(';') != std::string::npos) {
      report.Add(path.Field("path"), "has a semicolon, which ends it in a cookie", "write it as %3B");
    }
  }
  if (message.has_ttl()) issue.ttl = ReadDuration(message.ttl(), kTtl, path.Field("ttl"), report);
  issue.same_site = ReadSameSite(message.same_site(), path.Field("same_site"), report);
  issue.secure = message.secure();
  if (message.has_http_only()) issue.http_only = message.http_only();
  if (issue.same_site == SameSite::kNone && !issue.secure) {
    report.Add(path.Field("same_site"), "is NONE, which browsers take with secure alone", "set secure: true");
  }
  return issue;
}

CookieKey ReadCookie(const v1::CookieKey& message, const Path& path, Report& report) {
  CookieKey key{.name = message.name(), .issue = {}};
  const Path name = path.Field("name");
  if (key.name.empty()) {
    report.Add(name, "is missing", "give the name of the cookie");
  } else if (!http1::IsToken(key.name) || key.name.size() > kMaxNameBytes) {
    report.Add(name, "is no name of a cookie", "use letters, digits, - and _");
  }
  if (message.has_issue()) key.issue = ReadIssue(message.issue(), path.Field("issue"), report);
  return key;
}

QueryKey ReadQuery(const std::string& name, const Path& path, Report& report) {
  if (name.empty()) report.Add(path, "is missing", "give the name of a query parameter");
  if (name.size() > kMaxNameBytes) report.Add(path, "is too long", "give at most 256 bytes");
  return {name};
}

PathKey ReadPath(const v1::PathKey& message, const Path& path, Report& report) {
  return {ReadNumber(message.segments(), kSegments, path.Field("segments"), report)};
}

std::optional<HashKey> ReadHashKey(const v1::HashKey& message, const Path& path, Report& report) {
  switch (message.key_case()) {
    case v1::HashKey::kSourceIp:
      return ReadSourceIp(message.source_ip(), path.Field("source_ip"), report);
    case v1::HashKey::kHeader:
      return HeaderKey{ReadHeaderName(message.header(), path.Field("header"), report)};
    case v1::HashKey::kCookie:
      return ReadCookie(message.cookie(), path.Field("cookie"), report);
    case v1::HashKey::kQuery:
      return ReadQuery(message.query(), path.Field("query"), report);
    case v1::HashKey::kPath:
      return ReadPath(message.path(), path.Field("path"), report);
    case v1::HashKey::KEY_NOT_SET:
      break;
  }
  report.Add(path, "names nothing to hash", "write source_ip: {}, or header, cookie, query or path");
  return std::nullopt;
}

// Why no request gets past the keys before.
const char* NeverLookedAt(const std::vector<HashKey>& before, const HashKey& key) {
  for (const HashKey& earlier : before) {
    if (std::holds_alternative<PathKey>(earlier)) return "is never looked at: every request has a path";
    if (std::holds_alternative<SourceIpKey>(earlier) && std::holds_alternative<SourceIpKey>(key)) {
      return "is never looked at: every request has an address";
    }
    const auto* const cookie = std::get_if<CookieKey>(&earlier);
    if (cookie != nullptr && cookie->issue) {
      return "is never looked at: who lacks the cookie before it is given one";
    }
  }
  return nullptr;
}

}  // namespace

std::vector<HashKey> ReadHashKeys(const v1::LoadBalancing& message, const Path& path, Report& report) {
  std::vector<HashKey> keys;
  for (int i = 0; i < message.hash_key_size(); ++i) {
    std::optional<HashKey> key = ReadHashKey(message.hash_key(i), path.Index(i), report);
    if (!key) continue;
    if (const char* problem = NeverLookedAt(keys, *key)) report.Add(path.Index(i), problem, "leave it out");
    keys.push_back(*std::move(key));
  }
  if (keys.empty()) keys.emplace_back(SourceIpKey{});
  return keys;
}

}  // namespace fairlead::config
