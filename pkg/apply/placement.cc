#include "pkg/apply/placement.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>

#include "pkg/base/mix.h"
#include "pkg/base/random.h"
#include "pkg/endpoint/endpoint.h"

namespace fairlead::apply {
namespace {

struct Placed {
  const endpoint::Endpoint* endpoint = nullptr;
  double share = 0;
};
using ByLabel = std::map<std::string_view, Placed>;

ByLabel EndpointsOf(const snapshot::Cluster* cluster) {
  ByLabel by_label;
  if (cluster == nullptr) return by_label;
  for (size_t i = 0; i < cluster->endpoints().size(); ++i) {
    const endpoint::Endpoint& endpoint = *cluster->endpoints()[i];
    by_label.emplace(endpoint.label(), Placed{&endpoint, cluster->FairShare(i)});
  }
  return by_label;
}

// How many of the sampled keys each endpoint had, and loses.
struct Keys {
  uint64_t had = 0;
  uint64_t lost = 0;
};
using KeysOf = std::unordered_map<const endpoint::Endpoint*, Keys>;

// The sampled keys that move; what each endpoint loses goes to `of`.
double SampleKeys(const snapshot::Cluster& before, const snapshot::Cluster& after, KeysOf* of) {
  base::Random random(0);  // not looked at: there is a key
  uint64_t moved = 0;
  for (uint64_t i = 1; i <= kSampledKeys; ++i) {
    const uint64_t key = i * base::kGolden;
    const endpoint::Endpoint* was = before.Home(key, random);
    const bool moves = was != after.Home(key, random);
    moved += moves;
    Keys& keys = (*of)[was];
    ++keys.had;
    keys.lost += moves;
  }
  return static_cast<double>(moved) / static_cast<double>(kSampledKeys);
}

// One that none of the samples fell to loses what all do.
double LostPart(const KeysOf& of, const endpoint::Endpoint* endpoint, double moved) {
  const auto found = of.find(endpoint);
  if (found == of.end()) return moved;
  return static_cast<double>(found->second.lost) / static_cast<double>(found->second.had);
}

void CompareShares(const ByLabel& old, const ByLabel& wanted, ClusterImpact* impact) {
  ByLabel all = old;
  all.insert(wanted.begin(), wanted.end());
  for (const auto& [label, placed] : all) {
    const auto was = old.find(label), will = wanted.find(label);
    const EndpointShare share{.endpoint = std::string(label),
                              .before = was == old.end() ? 0 : was->second.share,
                              .after = will == wanted.end() ? 0 : will->second.share,
                              .open_tunnels = placed.endpoint->open_tunnels()};
    if (std::abs(share.before - share.after) < 1e-12) continue;
    ++impact->shares_total;
    if (impact->shares.size() < Impact::kMaxChanged) impact->shares.push_back(share);
  }
}

void AddTo(std::vector<std::string>& labels, uint64_t& total, std::string_view label) {
  ++total;
  if (labels.size() < Impact::kMaxChanged) labels.emplace_back(label);
}

}  // namespace

ClusterImpact ComparePlacement(const std::string& name, const snapshot::Cluster* before,
                               const snapshot::Cluster* after) {
  ClusterImpact impact;
  impact.cluster = name;
  const ByLabel old = EndpointsOf(before), wanted = EndpointsOf(after);
  KeysOf keys;
  if (before && after && before->places_by_key() && after->places_by_key()) {
    // Where other keys are made of requests, each falls anywhere.
    const bool same_keys = before->hash_keys() == after->hash_keys();
    impact.keys_moved = same_keys ? SampleKeys(*before, *after, &keys) : 1;
  }
  double misplaced = 0;
  for (const auto& [label, placed] : old) {
    const auto found = wanted.find(label);
    const auto tunnels = static_cast<double>(placed.endpoint->open_tunnels());
    const bool gone = found == wanted.end() || found->second.endpoint != placed.endpoint;
    if (gone) impact.tunnels_on_removed += placed.endpoint->open_tunnels();
    if (found == wanted.end()) AddTo(impact.endpoints_removed, impact.endpoints_removed_total, label);
    const bool drains = !gone && placed.share > 0 && found->second.share == 0;
    if (gone || drains) {
      misplaced += tunnels;
    } else if (impact.keys_moved) {
      misplaced += tunnels * LostPart(keys, placed.endpoint, *impact.keys_moved);
    }
  }
  for (const auto& [label, placed] : wanted) {
    if (!old.contains(label)) AddTo(impact.endpoints_added, impact.endpoints_added_total, label);
  }
  impact.tunnels_misplaced = static_cast<uint64_t>(std::llround(misplaced));
  CompareShares(old, wanted, &impact);
  return impact;
}

}  // namespace fairlead::apply
