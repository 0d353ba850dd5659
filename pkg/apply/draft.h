#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "pkg/apply/change.h"
#include "pkg/apply/etags.h"
#include "pkg/apply/history.h"
#include "pkg/apply/membership_editor.h"
#include "pkg/apply/state.h"
#include "pkg/config/config.h"

namespace fairlead::apply {

// The configuration that a batch of changes makes of the one in force. Each change is judged against what
// those before it have made; one that is refused leaves no trace. Apply thread.
class Draft {
 public:
  struct Context {
    const config::Bootstrap& bootstrap;
    const History& history;
    Etags& etags;
    uint64_t revision;  // that the draft will become
  };
  // Gets ready what a whole configuration needs, such as its sockets, or says why it cannot.
  using Prepare = absl::FunctionRef<std::vector<config::Violation>(const config::Config&)>;

  // What `context` refers to outlives this.
  Draft(State base, const Context& context) : state_(std::move(base)), context_(context) {}
  Draft(Draft&&) = default;

  // Whether the change concerns only the endpoints of a cluster with API membership.
  bool IsAnybodys(const Change& change) const;

  // The answer lacks revision and impact: they are known when the batch is.
  Answer Take(const Change& change, Prepare prepare);

  // Whether anything is another now than at the beginning.
  bool changed() const { return changed_; }
  // The end of it.
  State Finish() &&;

 private:
  Answer Do(const ReplaceConfig& what, const Change& change, Prepare prepare);
  Answer Do(const SetEndpoints& what, const Change& change, Prepare prepare);
  Answer Do(const PatchEndpoints& what, const Change& change, Prepare prepare);
  Answer Do(const UpdateCluster& what, const Change& change, Prepare prepare);
  Answer Do(const Rollback& what, const Change& change, Prepare prepare);

  Answer Replace(config::Config config, std::string_view at, Prepare prepare);
  std::optional<Answer> RefuseFleetUpdate(const Change& change) const;
  std::optional<Answer> RefuseEtag(const Change& change, std::string_view current) const;
  std::optional<Answer> RefuseMembership(const Change& change, const std::string& cluster) const;
  void TakeFleetMark(const Change& change);
  bool PlaneOwns() const { return context_.bootstrap.control.owner == config::Owner::kFleet; }
  void MarkMembership(const config::Cluster& cluster);

  const config::Cluster* Find(std::string_view cluster) const;
  config::Cluster& Writable(std::string_view cluster);
  config::Config& Writable();
  void FinishEdits();

  State state_;
  const Context context_;
  std::shared_ptr<config::Config> draft_;            // state_.config, once it is a copy of our own
  std::map<std::string, MembershipEditor> editors_;  // of draft_'s clusters, by name
  bool changed_ = false;
};

}  // namespace fairlead::apply
