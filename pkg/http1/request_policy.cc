#include "pkg/http1/request_policy.h"

#include <algorithm>
#include <string>

#include "pkg/http1/ascii.h"
#include "pkg/http1/authority.h"
#include "pkg/http1/head_summary.h"
#include "pkg/http1/target.h"
#include "pkg/http1/tokens.h"

namespace fairlead::http1 {

namespace {

// RFC 9112 §3.2: one valid Host, whatever the target; an authority in the target replaces it (§3.2.2).
Error ApplyHost(const HeadSummary& summary, std::string_view authority, RequestHead* head) {
  if (summary.hosts > 1) return Error::kBadHost;
  if (summary.hosts == 0 && head->minor_version >= 1) return Error::kBadHost;
  if (summary.hosts == 1 && !ParseAuthority(summary.host)) return Error::kBadHost;
  head->host = summary.host;
  if (authority.empty()) return Error::kNone;
  if (!ParseAuthority(authority)) return Error::kBadTarget;
  head->host = authority;
  head->fields.Set("Host", authority);
  return Error::kNone;
}

Error ApplyTarget(std::string_view text, const HeadSummary& summary, RequestHead* head) {
  const std::optional<Target> target = ParseTarget(head->method, text);
  if (!target.has_value()) return Error::kBadTarget;
  head->path = target->path;
  head->query = target->query.substr(target->query.empty() ? 0 : 1);
  if (target->path.empty()) {
    // An absolute form may leave the path out; OPTIONS then asks about the server as a whole (RFC 9112
    // §3.2.4).
    head->path = head->method == "OPTIONS" && target->query.empty() ? "*" : "/";
    head->target = head->fields.Keep(std::string(head->path).append(target->query));
  } else {
    head->target = text.substr(static_cast<size_t>(target->path.data() - text.data()));
  }
  return ApplyHost(summary, target->authority, head);
}

// RFC 9112 §6.3, without its leniencies: one way to tell the end of the body, said once.
Error ApplyFraming(const HeadSummary& summary, std::optional<uint64_t> content_length, RequestHead* head) {
  if (summary.has_transfer_encoding) {
    if (head->minor_version == 0 || summary.content_lengths > 0) return Error::kBadTransferEncoding;
    const Error error = CheckTransferEncoding(head->fields);
    if (error == Error::kNone) head->body = {Framing::kChunked, std::nullopt};
    return error;
  }
  if (summary.content_lengths == 0) return Error::kNone;
  const std::string_view text = summary.content_length;
  if (summary.content_lengths > 1 || !std::all_of(text.begin(), text.end(), IsDigit) || !content_length) {
    return Error::kBadContentLength;
  }
  head->body = {Framing::kContentLength, content_length};
  return Error::kNone;
}

bool HasBody(const RequestHead& head) {
  return head.body.framing == Framing::kChunked || head.body.length.value_or(0) > 0;
}

// protocol = name ["/" version], both tokens (RFC 9110 §7.8).
bool ValidProtocol(std::string_view protocol) {
  const size_t slash = protocol.find('/');
  if (slash == std::string_view::npos) return IsToken(protocol);
  return IsToken(protocol.substr(0, slash)) && IsToken(protocol.substr(slash + 1));
}

Error ApplyUpgrade(const HeadSummary& summary, RequestHead* head) {
  if (!summary.names_upgrade || summary.upgrades == 0 || head->minor_version == 0) return Error::kNone;
  const std::string_view upgrade = JoinUpgrade(summary, &head->fields);
  const Tokens protocols(upgrade);
  if (!(protocols.begin() != protocols.end())) return Error::kBadUpgrade;
  for (std::string_view protocol : protocols) {
    if (!ValidProtocol(protocol)) return Error::kBadUpgrade;
  }
  // After a body nobody could tell which bytes are the next request's and which the new protocol's.
  if (HasBody(*head)) return Error::kBadUpgrade;
  head->upgrade = upgrade;
  return Error::kNone;
}

}  // namespace

Error ApplyRequestPolicy(std::string_view target, std::optional<uint64_t> content_length, RequestHead* head) {
  if (head->method == "CONNECT") return Error::kUnsupportedMethod;
  const HeadSummary summary = Summarize(head->fields);
  if (summary.options > kMaxConnectionOptions) return Error::kBadField;
  Error error = ApplyTarget(target, summary, head);
  if (error == Error::kNone) error = ApplyFraming(summary, content_length, head);
  if (error != Error::kNone) return error;
  // HTTP/1.0 knows neither expectations nor upgrades: both are ignored there (RFC 9110 §10.1.1, §7.8). The
  // next hop, which is spoken to in HTTP/1.1, must not see the expectation either.
  if (head->minor_version == 0) {
    head->fields.Remove("expect");
  } else if (summary.expects_other) {
    return Error::kExpectationFailed;
  }
  head->expect_continue = head->minor_version >= 1 && summary.expects_continue && HasBody(*head);
  head->keep_alive = summary.Persists(head->minor_version);
  return ApplyUpgrade(summary, head);
}

}  // namespace fairlead::http1
