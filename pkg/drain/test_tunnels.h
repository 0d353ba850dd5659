#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/drain/tunnels.h"
#include "pkg/endpoint/endpoint.h"

namespace fairlead::drain {

// For tests: tunnels that are a number each. They go when the test says so, or are cut.
class FakeTunnels final : public Tunnels {
 public:
  struct Entry {
    std::shared_ptr<endpoint::Endpoint> endpoint;
    std::string route = "ws";
    std::optional<endpoint::PlacedKey> key = std::nullopt;
    base::MonotonicTime began = {};
  };

  explicit FakeTunnels(const base::Clock& clock) : clock_(clock) {}

  uint64_t Add(Entry tunnel) {
    tunnel.endpoint->AddTunnels(1);
    tunnel.endpoint->AddActive(1);
    tunnel.began = clock_.Now();
    open_[++last_] = std::move(tunnel);
    return last_;
  }
  void Open(const std::shared_ptr<endpoint::Endpoint>& endpoint, size_t count) {
    for (; count > 0; --count) Add({.endpoint = endpoint});
  }
  void Go(uint64_t id) {
    open_.at(id).endpoint->AddTunnels(-1);
    open_.at(id).endpoint->AddActive(-1);
    open_.erase(id);
  }
  // Those that have been told and are still there; returns how many they were.
  size_t GoAllThatWereShut() {
    size_t gone = 0;
    for (; all_gone_below_ < shut.size(); ++all_gone_below_) {
      const uint64_t id = shut[all_gone_below_].id;
      if (!open_.contains(id)) continue;
      Go(id);
      ++gone;
    }
    return gone;
  }
  const std::map<uint64_t, Entry>& open() const { return open_; }

  void Find(const tunnel::Selector& selector, loop::Loop& loop, Found found) override {
    std::vector<Member> members;
    for (const auto& [id, tunnel] : open_) {
      const bool fits = (selector.at == nullptr || tunnel.endpoint.get() == selector.at) &&
                        (selector.route.empty() || tunnel.route == selector.route) &&
                        (selector.cluster.empty() || tunnel.endpoint->cluster() == selector.cluster) &&
                        clock_.Now() - tunnel.began >= selector.min_age;
      if (!fits) continue;
      members.push_back(
          {.id = id, .worker = 0, .began = tunnel.began, .at = tunnel.endpoint.get(), .key = tunnel.key});
    }
    loop.Post(
        [found = std::move(found), members = std::move(members)]() mutable { found(std::move(members)); });
  }
  void FindOpen(const std::vector<Member>& members, loop::Loop& loop, Tunnels::Open open) override {
    absl::flat_hash_set<uint64_t> ids;
    for (const Member& member : members) {
      if (open_.contains(member.id)) ids.insert(member.id);
    }
    loop.Post([open = std::move(open), ids = std::move(ids)]() mutable { open(std::move(ids)); });
  }
  void Shut(const std::vector<Member>& members, const tunnel::CloseOrder& order) override {
    shut.insert(shut.end(), members.begin(), members.end());
    orders.push_back(order);
  }
  void Cut(const std::vector<Member>& members, const tunnel::CloseOrder& order) override {
    orders.push_back(order);
    for (const Member& member : members) {
      cut.push_back(member.id);
      Go(member.id);
    }
  }

  std::vector<Member> shut;
  std::vector<uint64_t> cut;
  std::vector<tunnel::CloseOrder> orders;

 private:
  const base::Clock& clock_;
  std::map<uint64_t, Entry> open_;
  uint64_t last_ = 0;
  size_t all_gone_below_ = 0;  // of `shut`
};

}  // namespace fairlead::drain
