#include "pkg/apply/ownership.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fairlead::apply {
namespace {

config::Owner OwnerOf(Source source) {
  switch (source) {
    case Source::kFile:
      return config::Owner::kFile;
    case Source::kPush:
      return config::Owner::kPush;
    case Source::kFleet:
      return config::Owner::kFleet;
  }
  return config::Owner::kFile;
}

std::string_view Name(config::Owner owner) {
  switch (owner) {
    case config::Owner::kFile:
      return "FILE";
    case config::Owner::kPush:
      return "PUSH";
    case config::Owner::kFleet:
      return "FLEET";
  }
  return "";
}

Answer Refusal(Verdict verdict, std::string message) {
  Answer answer;
  answer.verdict = verdict;
  answer.message = std::move(message);
  return answer;
}

}  // namespace

std::optional<Answer> Ownership::Refuse(const Change& change, bool anybodys, base::WallTime now) const {
  if (change.override_owner_for < base::Duration(0) || change.override_owner_for > kMaxOverride) {
    Answer answer = Refusal(Verdict::kInvalid, "an override may last 24h at most");
    answer.violations.push_back(
        {"options.override_owner_for", 0, "is out of range", "give a duration from 0s to 24h"});
    return answer;
  }
  const bool overrides = change.override_owner_for > base::Duration(0);
  if (!anybodys && !overrides && !Owns(change.origin.source, now)) {
    if (Overridden(now)) {
      return Refusal(Verdict::kNotOwner,
                     fmt::format("the configuration was taken over from its owner {} by {}", Name(owner_),
                                 override_->by.ToString()));
    }
    return Refusal(Verdict::kNotOwner, fmt::format("the owner of the configuration is {}", Name(owner_)));
  }
  if (change.fencing_token != 0 && change.fencing_token < fencing_token_) {
    return Refusal(Verdict::kStale, fmt::format("the fencing token {} is lower than {}, which has been seen",
                                                change.fencing_token, fencing_token_));
  }
  return std::nullopt;
}

void Ownership::Applied(const Change& change, base::WallTime now) {
  if (change.override_owner_for <= base::Duration(0)) return;
  override_ = {change.origin, now + change.override_owner_for};
}

bool Ownership::RaiseFencingToken(const Change& change) {
  if (change.fencing_token <= fencing_token_) return false;
  fencing_token_ = change.fencing_token;
  return true;
}

void Ownership::Describe(Status* status, base::WallTime now) const {
  status->owner = owner_;
  status->overridden_by.reset();
  status->overridden_until.reset();
  if (!Overridden(now)) return;
  status->owner = OwnerOf(override_->by.source);
  status->overridden_by = override_->by;
  status->overridden_until = override_->until;
}

bool Ownership::Owns(Source source, base::WallTime now) const {
  return OwnerOf(source) == (Overridden(now) ? OwnerOf(override_->by.source) : owner_);
}

}  // namespace fairlead::apply
