#include "pkg/http1/hop_by_hop.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "pkg/http1/ascii.h"
#include "pkg/http1/tokens.h"

namespace fairlead::http1 {

namespace {

constexpr std::string_view kHopByHop[] = {
    "te",
    "trailer",
    "upgrade",
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "proxy-authenticate",
    "proxy-authorization",
};

constexpr std::string_view kUsualOptions[] = {"upgrade", "close", "keep-alive"};

constexpr std::string_view kNeverTrailers[] = {
    "age",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "location",
    "max-forwards",
    "pragma",
    "range",
    "retry-after",
    "set-cookie",
    "vary",
    "via",
    "warning",
    "x-real-ip",
    "x-request-id",
    "www-authenticate",
};

bool IsOneOf(std::string_view name, const auto& names) {
  return std::any_of(std::begin(names), std::end(names),
                     [name](std::string_view one) { return EqualsIgnoreCase(name, one); });
}

// Whether Connection lists more than the usual options: then each field has to be looked for in it.
bool NamesFields(const Fields& fields) {
  for (const Field& line : fields) {
    if (!EqualsIgnoreCase(line.name, "connection")) continue;
    for (std::string_view option : Tokens(line.value)) {
      if (!IsOneOf(option, kUsualOptions)) return true;
    }
  }
  return false;
}

}  // namespace

bool IsHopByHop(std::string_view name) {
  return IsOneOf(name, kHopByHop);
}

void CopyEndToEnd(const Fields& from, Framing onward, Fields* to) {
  const bool names_fields = NamesFields(from);
  bool te_kept = false;
  for (const Field& line : from) {
    if (EqualsIgnoreCase(line.name, "te")) {
      if (!te_kept && from.HasToken("te", "trailers")) to->Add("TE", "trailers");
      te_kept = true;
      continue;
    }
    const bool named = names_fields && from.HasToken("connection", line.name);
    const bool kept =
        EqualsIgnoreCase(line.name, "trailer")
            ? onward == Framing::kChunked
            : !IsHopByHop(line.name) && !named && !EqualsIgnoreCase(line.name, "content-length");
    if (kept || EqualsIgnoreCase(line.name, "host")) to->Add(line.name, line.value);
  }
}

void AddConnection(std::string_view option, Fields* fields) {
  if (!fields->Has("te")) {
    if (!option.empty()) fields->Add("Connection", option);
    return;
  }
  fields->Add("Connection", option.empty() ? "TE" : fields->Keep(std::string(option) + ", TE"));
}

bool MayBeTrailer(std::string_view name) {
  return !IsHopByHop(name) && !IsOneOf(name, kNeverTrailers) && !StartsWithIgnoreCase(name, "x-forwarded-") &&
         !StartsWithIgnoreCase(name, "sec-websocket-") && !StartsWithIgnoreCase(name, "if-");
}

}  // namespace fairlead::http1
