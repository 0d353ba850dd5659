#include "pkg/apply/revision_text.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/escaping.h"

namespace fairlead::apply {
namespace {

constexpr std::string_view kVersion = "fairlead-revision 1";

std::string Sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

// Texts are of anybody's making: on a line of their own, whatever is in them.
std::string Escaped(std::string_view text) {
  return absl::CEscape({text.data(), text.size()});
}

bool Unescape(std::string_view text, std::string* out) {
  return absl::CUnescape({text.data(), text.size()}, out);
}

// Takes a piece up to the separator off the text; the separator is dropped.
std::string_view Take(std::string_view* text, char separator) {
  const size_t end = text->find(separator);
  const std::string_view piece = text->substr(0, end);
  *text = end == std::string_view::npos ? std::string_view() : text->substr(end + 1);
  return piece;
}

template <typename Number>
bool ReadNumber(std::string_view text, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

bool ReadMark(std::string_view value, KeptRevision* revision) {
  MembershipMark mark;
  const std::string_view etag = Take(&value, ' ');
  const std::string_view number = Take(&value, ' ');
  std::string cluster;
  if (!ReadNumber(number, &mark.revision) || !Unescape(etag, &mark.etag) || !Unescape(value, &cluster)) {
    return false;
  }
  revision->membership.emplace(std::move(cluster), std::move(mark));
  return true;
}

bool ReadTime(std::string_view value, base::WallTime* time) {
  int64_t ms = 0;
  if (!ReadNumber(value, &ms)) return false;
  *time = base::WallTime(std::chrono::milliseconds(ms));
  return true;
}

bool ReadLine(std::string_view key, std::string_view value, KeptRevision* revision) {
  if (key == "revision") return ReadNumber(value, &revision->info.revision);
  if (key == "applied_at_ms") return ReadTime(value, &revision->info.applied_at);
  if (key == "source") return Unescape(value, &revision->info.source);
  if (key == "summary") return Unescape(value, &revision->info.summary);
  if (key == "etag") return Unescape(value, &revision->etag);
  if (key == "fleet_revision") return ReadNumber(value, &revision->fleet.revision);
  if (key == "fleet_hash") return Unescape(value, &revision->fleet.hash);
  if (key == "membership") return ReadMark(value, revision);
  return false;  // from a newer program that relies on it being understood
}

}  // namespace

std::string EncodeRevision(const KeptRevision& revision) {
  const auto since_epoch = revision.info.applied_at.time_since_epoch();
  const int64_t applied_at = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  std::string body = fmt::format(
      "revision {}\napplied_at_ms {}\nsource {}\nsummary {}\netag {}\nfleet_revision {}\nfleet_hash {}\n",
      revision.info.revision, applied_at, Escaped(revision.info.source), Escaped(revision.info.summary),
      Escaped(revision.etag), revision.fleet.revision, Escaped(revision.fleet.hash));
  for (const auto& [cluster, mark] : revision.membership) {
    body += fmt::format("membership {} {} {}\n", Escaped(mark.etag), mark.revision, Escaped(cluster));
  }
  body.push_back('\n');
  body += revision.config;
  return fmt::format("{}\n{}\n{}", kVersion, Sha256(body), body);
}

std::optional<KeptRevision> DecodeRevision(std::string_view text, std::string* problem) {
  const std::string_view version = Take(&text, '\n');
  if (version != kVersion) {
    *problem = "was not written by a version of this program that this one understands";
    return std::nullopt;
  }
  const std::string_view checksum = Take(&text, '\n');
  if (checksum != Sha256(text)) {
    *problem = "is damaged: its checksum is another";
    return std::nullopt;
  }
  KeptRevision revision;
  for (std::string_view line = Take(&text, '\n'); !line.empty(); line = Take(&text, '\n')) {
    const std::string_view key = Take(&line, ' ');
    if (ReadLine(key, line, &revision)) continue;
    *problem = fmt::format("has a line that is not understood: {}", Escaped(key));
    return std::nullopt;
  }
  revision.config = std::string(text);
  return revision;
}

}  // namespace fairlead::apply
