#include "pkg/http1/head_summary.h"

#include <string>
#include <utility>

#include "pkg/http1/ascii.h"
#include "pkg/http1/tokens.h"

namespace fairlead::http1 {

namespace {

void ReadConnection(std::string_view value, HeadSummary* summary) {
  for (std::string_view option : Tokens(value)) {
    ++summary->options;
    if (EqualsIgnoreCase(option, "close")) {
      summary->close = true;
    } else if (EqualsIgnoreCase(option, "keep-alive")) {
      summary->keep_alive = true;
    } else if (EqualsIgnoreCase(option, "upgrade")) {
      summary->names_upgrade = true;
    }
  }
}

void ReadField(const Field& line, HeadSummary* summary) {
  if (EqualsIgnoreCase(line.name, "host")) {
    ++summary->hosts;
    summary->host = line.value;
  } else if (EqualsIgnoreCase(line.name, "expect")) {
    const bool known = EqualsIgnoreCase(line.value, "100-continue");
    summary->expects_continue = summary->expects_continue || known;
    summary->expects_other = summary->expects_other || !known;
  } else if (EqualsIgnoreCase(line.name, "upgrade")) {
    ++summary->upgrades;
    summary->upgrade = line.value;
  } else if (EqualsIgnoreCase(line.name, "connection")) {
    ReadConnection(line.value, summary);
  } else if (EqualsIgnoreCase(line.name, "content-length")) {
    ++summary->content_lengths;
    summary->content_length = line.value;
  } else if (EqualsIgnoreCase(line.name, "transfer-encoding")) {
    summary->has_transfer_encoding = true;
  }
}

}  // namespace

HeadSummary Summarize(const Fields& fields) {
  HeadSummary summary;
  for (const Field& line : fields) ReadField(line, &summary);
  return summary;
}

Error CheckTransferEncoding(const Fields& fields) {
  size_t codings = 0;
  size_t chunked = 0;
  bool chunked_is_last = false;
  for (const Field& line : fields) {
    if (!EqualsIgnoreCase(line.name, "transfer-encoding")) continue;
    for (std::string_view coding : Tokens(line.value)) {
      ++codings;
      chunked_is_last = EqualsIgnoreCase(coding, "chunked");
      chunked += chunked_is_last ? 1 : 0;
    }
    // "chunked," is a valid list, but others read it differently; so is an empty line beside another.
    if (line.value.empty() || line.value.back() == ',' || line.value.front() == ',')
      return Error::kBadTransferEncoding;
  }
  if (chunked > 1 || (chunked == 1 && !chunked_is_last)) return Error::kBadTransferEncoding;
  return codings == 1 && chunked == 1 ? Error::kNone : Error::kUnsupportedTransferEncoding;
}

std::string_view JoinUpgrade(const HeadSummary& summary, Fields* fields) {
  if (summary.upgrades <= 1) return summary.upgrade;
  std::string joined;
  for (const Field& line : *fields) {
    if (EqualsIgnoreCase(line.name, "upgrade") && !line.value.empty()) {
      joined.append(joined.empty() ? "" : ", ").append(line.value);
    }
  }
  return fields->Keep(std::move(joined));
}

}  // namespace fairlead::http1
