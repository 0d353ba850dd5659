#include "pkg/config/read_match.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/http_checks.h"
#include "pkg/config/quote.h"
#include "re2/re2.h"

namespace fairlead::config {
namespace {

using ValueMatches = google::protobuf::RepeatedPtrField<v1::ValueMatch>;

void CheckRegex(const std::string& pattern, const Path& path, Report& report) {
  if (pattern.empty()) {
    report.Add(path, "is empty", "write a pattern such as /rooms/[0-9]+");
    return;
  }
  if (pattern.size() > kMaxTextBytes) {
    report.Add(path, "is too long", "4096 bytes are the limit");
    return;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 regex(pattern, options);
  if (!regex.ok()) {
    report.Add(path, fmt::format("{} is no regular expression: {}", Quote(pattern), Printable(regex.error())),
               "write it as RE2 has it");
  }
}

std::vector<ValueMatch> ReadHeaders(const ValueMatches& messages, const Path& path, Report& report) {
  std::vector<ValueMatch> matches;
  std::set<std::string> seen;
  for (int i = 0; i < messages.size(); ++i) {
    const Path item = path.Index(i), name = item.Field("name");
    ValueMatch match;
    match.name = ReadHeaderName(messages[i].name(), name, report);
    if (!seen.insert(match.name).second) report.Add(name, "is there already", "ask for each header once");
    if (messages[i].has_exact()) {
      CheckHeaderValue(messages[i].exact(), item.Field("exact"), report);
      match.exact = messages[i].exact();
    }
    matches.push_back(std::move(match));
  }
  return matches;
}

std::vector<ValueMatch> ReadQuery(const ValueMatches& messages, const Path& path, Report& report) {
  constexpr size_t kMaxNameBytes = 256;
  std::vector<ValueMatch> matches;
  std::set<std::string> seen;
  for (int i = 0; i < messages.size(); ++i) {
    const Path item = path.Index(i), name = item.Field("name");
    ValueMatch match;
    match.name = messages[i].name();
    if (match.name.empty() || match.name.size() > kMaxNameBytes) {
      report.Add(name, match.name.empty() ? "is missing" : "is too long",
                 "name a query parameter, in 256 bytes");
    }
    if (!seen.insert(match.name).second) report.Add(name, "is there already", "ask for each parameter once");
    if (messages[i].has_exact()) {
      match.exact = messages[i].exact();
      if (match.exact->size() > kMaxTextBytes) {
        report.Add(item.Field("exact"), "is too long", "4096 bytes are the limit");
      }
    }
    matches.push_back(std::move(match));
  }
  return matches;
}

}  // namespace

RouteMatch ReadMatch(const v1::RouteMatch& message, const Path& path, Report& report) {
  RouteMatch match;
  switch (message.path_case()) {
    case v1::RouteMatch::kPrefix:
      CheckPath(message.prefix(), path.Field("prefix"), report);
      match.path = PrefixMatch{message.prefix()};
      break;
    case v1::RouteMatch::kExact:
      CheckPath(message.exact(), path.Field("exact"), report);
      match.path = ExactMatch{message.exact()};
      break;
    case v1::RouteMatch::kRegex:
      CheckRegex(message.regex(), path.Field("regex"), report);
      match.path = RegexMatch{message.regex()};
      break;
    case v1::RouteMatch::PATH_NOT_SET:
      report.Add(path, "says nothing about the path", "give prefix, exact or regex; prefix: / takes all");
  }
  CheckMethod(message.method(), path.Field("method"), report);
  match.method = message.method();
  match.headers = ReadHeaders(message.headers(), path.Field("headers"), report);
  match.query = ReadQuery(message.query(), path.Field("query"), report);
  return match;
}

}  // namespace fairlead::config
