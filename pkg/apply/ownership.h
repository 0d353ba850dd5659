#pragma once

#include <optional>
#include <string>

#include "pkg/apply/change.h"
#include "pkg/apply/status.h"
#include "pkg/base/clock.h"
#include "pkg/config/config.h"

namespace fairlead::apply {

// Who may change the configuration: its owner, or for a time whoever took it over. Apply thread.
class Ownership {
 public:
  explicit Ownership(config::Owner owner) : owner_(owner) {}

  // Nothing, or why the change must be refused. `anybodys`: it concerns only the endpoints of a cluster with
  // API membership. What changes nothing is not asked whose the configuration is.
  std::optional<Answer> Refuse(const Change& change, bool anybodys, base::WallTime now) const;

  // The change is part of the draft: an override that it asks for counts for the changes behind it, and is
  // in force once Keep says that the draft is.
  void Prepare(const Change& change, base::WallTime now);
  void Keep();
  // The draft came to nothing: so do the overrides since the last Keep.
  void Abandon() { prepared_.reset(); }

  config::Owner configured() const { return owner_; }
  // Fills in who owns, and the override if there is one.
  void Describe(Status* status, base::WallTime now) const;

 private:
  struct Override {
    Origin by;
    base::WallTime until;
  };

  // The one that counts now; null = none.
  const Override* OverrideAt(base::WallTime now) const;
  bool Owns(config::Owner source, base::WallTime now) const;

  config::Owner owner_;
  std::optional<Override> override_;
  std::optional<Override> prepared_;
};

}  // namespace fairlead::apply
