#include "pkg/apply/fencing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "pkg/config/owner_name.h"

namespace fairlead::apply {
namespace {

constexpr std::string_view kCluster = "pods ";

std::string CountOf(config::Owner source) {
  return absl::AsciiStrToLower(std::string(config::Name(source)));
}

std::string CountOf(const Change& change, bool anybodys) {
  const std::string* cluster = MembershipTarget(change);
  if (!anybodys || cluster == nullptr || change.origin.source == config::Owner::kFleet) {
    return CountOf(change.origin.source);
  }
  return std::string(kCluster) + *cluster;
}

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string EncodeTokens(const FencingTokens& tokens) {
  std::string text;
  for (const auto& [count, token] : tokens) text += fmt::format("{} {}\n", token, absl::CEscape(count));
  return text;
}

std::optional<FencingTokens> DecodeTokens(std::string_view text, config::Owner alone) {
  FencingTokens tokens;
  if (const auto number = Number(text)) {
    tokens[CountOf(alone)] = *number;
    return tokens;
  }
  if (text.empty() || text.back() != '\n') return std::nullopt;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto token = Number(line.substr(0, space));
    const std::string_view escaped = line.substr(space + 1);
    std::string count;
    if (!token || !absl::CUnescape({escaped.data(), escaped.size()}, &count)) return std::nullopt;
    tokens[count] = *token;
  }
  return tokens;
}

std::optional<Answer> Fencing::Refuse(const Change& change, bool anybodys) const {
  const uint64_t seen = change.fencing_token == 0 ? 0 : Seen(CountOf(change, anybodys));
  if (change.fencing_token >= seen) return std::nullopt;
  return Answer::Refusal(
      Verdict::kStale,
      fmt::format("the fencing token {} is lower than {}, which has been seen", change.fencing_token, seen));
}

void Fencing::Prepare(const Change& change, bool anybodys) {
  if (change.fencing_token == 0) return;
  std::string count = CountOf(change, anybodys);
  if (change.fencing_token > Seen(count)) prepared_[std::move(count)] = change.fencing_token;
}

std::optional<FencingTokens> Fencing::ToKeep(const config::Config& config) const {
  if (prepared_.empty()) return std::nullopt;
  FencingTokens tokens = prepared_;
  tokens.insert(tokens_.begin(), tokens_.end());  // where there is no newer one
  std::erase_if(tokens, [&](const auto& known) {
    if (!known.first.starts_with(kCluster)) return false;
    const std::string_view name = std::string_view(known.first).substr(kCluster.size());
    return std::none_of(config.clusters.begin(), config.clusters.end(),
                        [&](const config::Cluster& cluster) { return cluster.name == name; });
  });
  return tokens;
}

void Fencing::Keep(FencingTokens tokens) {
  tokens_ = std::move(tokens);
  prepared_.clear();
}

uint64_t Fencing::Seen(const std::string& count) const {
  for (const FencingTokens* tokens : {&prepared_, &tokens_}) {
    if (const auto found = tokens->find(count); found != tokens->end()) return found->second;
  }
  return 0;
}

}  // namespace fairlead::apply
