#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/apply/impact.h"
#include "pkg/base/clock.h"
#include "pkg/config/checked.h"
#include "pkg/config/config.h"

namespace fairlead::apply {

// Who brings a change.
struct Origin {
  config::Owner source = config::Owner::kFile;
  std::string who;  // a path, "uid=1000", "spiffe://example.org/operator", a plane's address; may be empty

  // For people: "file", "push:uid=1000".
  std::string ToString() const;

  bool operator==(const Origin&) const = default;
};

// The kinds of change. All values in them are valid on their own (config::Checked says how they came to be);
// what depends on the rest of the configuration is judged when their turn comes.

// The whole configuration. Clusters with API membership keep the endpoints they have; one that had none of it
// before keeps them only where the configuration brings none.
struct ReplaceConfig {
  config::Config config;
  std::string at = {};  // where it stands in what the caller sent ("config"), for the paths of violations
};
// All endpoints of a cluster.
struct SetEndpoints {
  std::string cluster;
  std::vector<config::Endpoint> endpoints;
};
// Single endpoints of a cluster. They are named by their label: the id, or the address where there is none.
struct PatchEndpoints {
  std::string cluster;
  std::vector<config::Endpoint> upsert;
  std::vector<std::string> remove_ids;  // goes first; a label that is not there is no error
  // The revision that the caller saw the cluster at: kStale when its endpoints have changed since, or there
  // is no such revision yet. 0 = whatever it is. For config::Owner::kFleet leave it 0 and give Change::fleet
  // a base.
  uint64_t base_revision = 0;
};
// Anything else about a cluster.
struct UpdateCluster {
  std::string cluster;
  // Makes the new cluster of the one that the changes before have made: valid in itself, and of the same
  // name. Runs on the apply thread, before the change is answered.
  std::function<config::Checked<config::Cluster>(const config::Cluster&)> update;
};
// Back to what an earlier revision was; API membership stays as for ReplaceConfig.
struct Rollback {
  uint64_t revision = 0;
};

// Where a control plane stands: its own count and hash of a whole configuration, both kept and given back.
struct FleetMark {
  uint64_t revision = 0;  // 0 = none of a plane's
  std::string hash;

  bool operator==(const FleetMark&) const = default;
};

// Of a change from a control plane. It counts where the plane owns the configuration: of another one only
// clusters with API membership are taken, each as it comes.
struct FleetUpdate {
  FleetMark mark;              // once the change is applied; lower than the one in force is kStale
  uint64_t base_revision = 0;  // of a patch: kStale with `resync` unless this is in force; 0 = it is no patch
};

struct Change {
  Origin origin;
  std::variant<ReplaceConfig, SetEndpoints, PatchEndpoints, UpdateCluster, Rollback> what;

  // Empty, or what the caller believes to be the etag in force: the cluster's membership_etag for
  // SetEndpoints and PatchEndpoints, otherwise the configuration's. kStale where it is not.
  std::string etag;
  // Empty, or a name for this change that is remembered for RequestMemory::kRemembered: the same id with the
  // same fingerprint gets the first answer again.
  std::string request_id;
  std::string request_fingerprint;  // of the whole request; opaque
  // Says what would be and changes nothing: judged against what is in force when its turn comes, which binds
  // nobody. Whoever has the role may ask, also where the configuration belongs to another source.
  bool validate_only = false;
  // More than zero takes the configuration over from its owner for that long.
  base::Duration override_owner_for{0};
  // Lower than one that has been seen of the same count (Fencing): kStale. 0 = none.
  uint64_t fencing_token = 0;
  // The caller's role is to change endpoints of clusters with API membership, and nothing else.
  bool endpoints_only = false;
  std::optional<FleetUpdate> fleet;  // with config::Owner::kFleet
  size_t bytes = 0;                  // of the request: what may wait is bounded by it, too
};

// The cluster whose endpoints alone it is about; null = it is about more.
const std::string* MembershipTarget(const Change& change);

// At most this long may an override last.
inline constexpr base::Duration kMaxOverride = std::chrono::hours(24);

enum class Verdict : uint8_t {
  kApplied,       // validated, persisted, published; or, with validate_only, would be
  kInvalid,       // see violations; the same again would be refused again
  kStale,         // etag, base revision, fencing token or fleet revision: somebody else was first
  kNotOwner,      // the configuration belongs to another source
  kNotPermitted,  // the caller's role is not for that
  kNotFound,      // no such cluster or revision
  kFailed,        // this host's doing: an address that cannot be bound, a disk that cannot be written
  kBusy,          // too many changes are waiting
};

struct Answer {
  Verdict verdict = Verdict::kApplied;
  std::string message;                        // one line; empty when applied
  std::vector<config::Violation> violations;  // with kInvalid and kFailed, where fields are to blame
  uint64_t revision = 0;                      // that contains the change; when not applied the one in force
  std::string etag;                           // what was changed has now; opaque
  // Of the revision that contains the change: what was applied together has one. Null when not applied.
  std::shared_ptr<const Impact> impact;
  bool resync = false;    // a patch whose base is not there
  size_t others = 0;      // more changes that the revision contains
  bool repeated = false;  // the same request has had this answer before

  static Answer Refusal(Verdict verdict, std::string message);
  // Of fields that are to blame: at least one.
  static Answer Refusal(Verdict verdict, std::vector<config::Violation> violations);

  bool applied() const { return verdict == Verdict::kApplied; }
};

// Gets the answer, once, on the apply thread; kBusy on the caller's. Never, once Applier::Stop was called.
using Reply = absl::AnyInvocable<void(Answer)>;

}  // namespace fairlead::apply
