#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "pkg/apply/change.h"
#include "pkg/config/config.h"

namespace fairlead::apply {

// What an endpoint is called: its id, or its address where it has none.
std::string LabelOf(const config::Endpoint& endpoint);

// The endpoints of one cluster while patches come in. Reading the cluster once, it takes each patch at a cost
// that depends on the patch alone. Apply thread.
class MembershipEditor {
 public:
  // The cluster outlives this, and belongs to it until Finish.
  explicit MembershipEditor(config::Cluster& cluster);

  // All of it or nothing: *changed says whether the cluster is another now. Paths of violations begin with
  // "upsert".
  std::vector<config::Violation> Apply(const PatchEndpoints& patch, bool* changed);

  // The cluster is whole: what was removed is out of its list. More patches may follow.
  void Finish();

 private:
  std::vector<config::Violation> Check(const PatchEndpoints& patch) const;
  bool Remove(const std::string& label);
  bool Upsert(const config::Endpoint& endpoint);
  std::string HashIdOf(const config::Endpoint& endpoint) const;
  void Index();

  config::Cluster& cluster_;
  const bool hashes_;
  std::unordered_map<std::string, size_t> by_label_;
  std::unordered_map<std::string, size_t> by_hash_id_;  // only where the policy hashes
  std::vector<bool> removed_;                           // by place in the list
  bool any_removed_ = false;
};

}  // namespace fairlead::apply
