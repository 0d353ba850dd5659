#include "pkg/apply/membership_editor.h"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

namespace fairlead::apply {

std::string LabelOf(const config::Endpoint& endpoint) {
  return endpoint.id.empty() ? endpoint.address.ToString() : endpoint.id;
}

MembershipEditor::MembershipEditor(config::Cluster& cluster)
    : cluster_(cluster), hashes_(config::Hashes(cluster.load_balancing.policy)) {
  Index();
}

std::vector<config::Violation> MembershipEditor::Apply(const PatchEndpoints& patch, bool* changed) {
  std::vector<config::Violation> violations = Check(patch);
  *changed = false;
  if (!violations.empty()) return violations;
  for (const std::string& label : patch.remove_ids) *changed = Remove(label) || *changed;
  // Endpoints that trade their hash ids give both up first.
  for (const config::Endpoint& endpoint : patch.upsert) {
    const auto known = by_label_.find(LabelOf(endpoint));
    if (known != by_label_.end()) by_hash_id_.erase(HashIdOf(cluster_.endpoints[known->second]));
  }
  for (const config::Endpoint& endpoint : patch.upsert) *changed = Upsert(endpoint) || *changed;
  return {};
}

void MembershipEditor::Finish() {
  if (!any_removed_) return;
  size_t place = 0;
  std::erase_if(cluster_.endpoints, [&](const config::Endpoint&) { return removed_[place++]; });
  Index();
}

std::vector<config::Violation> MembershipEditor::Check(const PatchEndpoints& patch) const {
  std::vector<config::Violation> violations;
  std::unordered_set<std::string> leaving(patch.remove_ids.begin(), patch.remove_ids.end());
  for (const config::Endpoint& endpoint : patch.upsert) leaving.insert(LabelOf(endpoint));
  std::unordered_set<std::string> labels, hash_ids;
  for (size_t i = 0; i < patch.upsert.size(); ++i) {
    const config::Endpoint& endpoint = patch.upsert[i];
    if (const std::string label = LabelOf(endpoint); !labels.insert(label).second) {
      violations.push_back({fmt::format("upsert[{}].{}", i, endpoint.id.empty() ? "address" : "id"), 0,
                            fmt::format("\"{}\" is there twice", label), "name each endpoint once"});
    }
    if (!hashes_) continue;
    const std::string hash_id = HashIdOf(endpoint);
    const auto holder = by_hash_id_.find(hash_id);
    const bool taken =
        holder != by_hash_id_.end() && !leaving.contains(LabelOf(cluster_.endpoints[holder->second]));
    if (taken || !hash_ids.insert(hash_id).second) {
      violations.push_back({fmt::format("upsert[{}].{}", i, endpoint.hash_id.empty() ? "address" : "hash_id"),
                            0, fmt::format("the hash id \"{}\" is taken", hash_id),
                            "give each its own hash id"});
    }
  }
  return violations;
}

bool MembershipEditor::Remove(const std::string& label) {
  const auto known = by_label_.find(label);
  if (known == by_label_.end()) return false;
  const size_t place = known->second;
  if (hashes_) by_hash_id_.erase(HashIdOf(cluster_.endpoints[place]));
  removed_[place] = true;
  any_removed_ = true;
  by_label_.erase(known);
  return true;
}

bool MembershipEditor::Upsert(const config::Endpoint& endpoint) {
  const auto [known, is_new] = by_label_.try_emplace(LabelOf(endpoint), cluster_.endpoints.size());
  const size_t place = known->second;
  if (hashes_) by_hash_id_.insert_or_assign(HashIdOf(endpoint), place);
  if (is_new) {
    cluster_.endpoints.push_back(endpoint);
    removed_.push_back(false);
    return true;
  }
  if (cluster_.endpoints[place] == endpoint) return false;
  cluster_.endpoints[place] = endpoint;
  return true;
}

std::string MembershipEditor::HashIdOf(const config::Endpoint& endpoint) const {
  return endpoint.hash_id.empty() ? endpoint.address.ToString() : endpoint.hash_id;
}

void MembershipEditor::Index() {
  by_label_.clear();
  by_hash_id_.clear();
  removed_.assign(cluster_.endpoints.size(), false);
  any_removed_ = false;
  for (size_t i = 0; i < cluster_.endpoints.size(); ++i) {
    by_label_.emplace(LabelOf(cluster_.endpoints[i]), i);
    if (hashes_) by_hash_id_.emplace(HashIdOf(cluster_.endpoints[i]), i);
  }
}

}  // namespace fairlead::apply
