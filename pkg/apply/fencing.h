#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/apply/change.h"
#include "pkg/config/config.h"

namespace fairlead::apply {

// The highest tokens that have been seen, by what they are counted for: "push", "fleet", "pods chat".
using FencingTokens = std::map<std::string, uint64_t>;

// A line each, and back; nothing when it is no such text. A number alone is the token of `alone`: there was
// one for everything once.
std::string EncodeTokens(const FencingTokens& tokens);
std::optional<FencingTokens> DecodeTokens(std::string_view text, config::Owner alone);

// Of several leaders only the newest may change things. Whoever may change the endpoints of one cluster has
// no say about who may change the rest: each source has a count of its own, and so has each cluster with API
// membership whose endpoints are pushed. What a control plane sends is all of its one leader. Apply thread.
class Fencing {
 public:
  explicit Fencing(FencingTokens tokens = {}) : tokens_(std::move(tokens)) {}

  // Nothing, or why the change must be refused. `anybodys`: see Ownership.
  std::optional<Answer> Refuse(const Change& change, bool anybodys) const;

  // The change is part of the draft: its token counts for those behind it, and is seen once Keep says so.
  void Prepare(const Change& change, bool anybodys);
  // What is to be on disk before Keep: nothing when no token is new. Without those of clusters that this
  // configuration does not have.
  std::optional<FencingTokens> ToKeep(const config::Config& config) const;
  void Keep(FencingTokens tokens);
  // The draft came to nothing.
  void Abandon() { prepared_.clear(); }

 private:
  uint64_t Seen(const std::string& count) const;

  FencingTokens tokens_;
  FencingTokens prepared_;  // higher than those
};

}  // namespace fairlead::apply
