#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pkg/apply/change.h"
#include "pkg/apply/status.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"

namespace fairlead::apply {

// Who may change the configuration: its owner, for a time whoever took it over, and of several leaders of a
// control plane only the newest. Apply thread.
class Ownership {
 public:
  explicit Ownership(config::Owner owner, uint64_t fencing_token = 0)
      : owner_(owner), fencing_token_(fencing_token) {}

  // Nothing, or why the change must be refused. `anybodys`: it concerns only the endpoints of a cluster with
  // API membership.
  std::optional<Answer> Refuse(const Change& change, bool anybodys, base::WallTime now) const;

  // The change was applied: an override that it asks for begins.
  void Applied(const Change& change, base::WallTime now);

  // Whether the change names a token that has not been seen; it is from now on.
  bool RaiseFencingToken(const Change& change);
  uint64_t fencing_token() const { return fencing_token_; }

  config::Owner configured() const { return owner_; }
  // Fills in who owns, and the override if there is one.
  void Describe(Status* status, base::WallTime now) const;

 private:
  struct Override {
    Origin by;
    base::WallTime until;
  };

  bool Overridden(base::WallTime now) const { return override_ && now < override_->until; }
  bool Owns(Source source, base::WallTime now) const;

  config::Owner owner_;
  uint64_t fencing_token_;
  std::optional<Override> override_;
};

}  // namespace fairlead::apply
