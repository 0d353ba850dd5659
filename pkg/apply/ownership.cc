#include "pkg/apply/ownership.h"

#include <fmt/format.h>

#include <utility>

#include "pkg/config/owner_name.h"

namespace fairlead::apply {

std::optional<Answer> Ownership::Refuse(const Change& change, bool anybodys, base::WallTime now) const {
  const bool overrides = change.override_owner_for != base::Duration(0);
  if (change.endpoints_only && (!anybodys || overrides)) {
    return Answer::Refusal(Verdict::kNotPermitted,
                           fmt::format("{} may change the endpoints of clusters with API "
                                       "membership, and nothing else",
                                       change.origin.who));
  }
  if (change.override_owner_for < base::Duration(0) || change.override_owner_for > kMaxOverride) {
    return Answer::Refusal(Verdict::kInvalid, {{"options.override_owner_for", 0, "is out of range",
                                                "give a duration from 0s to 24h"}});
  }
  if (!anybodys && !overrides && !change.validate_only && !Owns(change.origin.source, now)) {
    if (const Override* override = OverrideAt(now)) {
      return Answer::Refusal(Verdict::kNotOwner,
                             fmt::format("the configuration was taken over from its owner {} by {}",
                                         config::Name(owner_), override->by.ToString()));
    }
    return Answer::Refusal(Verdict::kNotOwner,
                           fmt::format("the owner of the configuration is {}", config::Name(owner_)));
  }
  return std::nullopt;
}

void Ownership::Prepare(const Change& change, base::WallTime now) {
  if (change.override_owner_for <= base::Duration(0)) return;
  prepared_ = {change.origin, now + change.override_owner_for};
}

void Ownership::Keep() {
  if (prepared_) override_ = std::exchange(prepared_, std::nullopt);
}

void Ownership::Describe(Status* status, base::WallTime now) const {
  const Override* override = OverrideAt(now);
  status->owner = override == nullptr ? owner_ : override->by.source;
  status->overridden_by = override == nullptr ? std::nullopt : std::optional(override->by);
  status->overridden_until = override == nullptr ? std::nullopt : std::optional(override->until);
}

const Ownership::Override* Ownership::OverrideAt(base::WallTime now) const {
  const std::optional<Override>& newest = prepared_ ? prepared_ : override_;
  return newest && now < newest->until ? &*newest : nullptr;
}

bool Ownership::Owns(config::Owner source, base::WallTime now) const {
  const Override* override = OverrideAt(now);
  return source == (override == nullptr ? owner_ : override->by.source);
}

}  // namespace fairlead::apply
