#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "pkg/proxy/worker.h"

namespace fairlead::proxy {
namespace {

// What is looked at, or closed, in a turn of the loop.
constexpr size_t kStep = 256;

}  // namespace

struct Worker::Listing {
  tunnel::Selector selector;
  absl::AnyInvocable<void(std::vector<tunnel::Row>)> listed;
  size_t end = 0;
  std::vector<tunnel::Row> rows;
};

void Worker::ListTunnels(tunnel::Selector selector,
                         absl::AnyInvocable<void(std::vector<tunnel::Row>)> listed) {
  auto listing = std::make_shared<Listing>(
      Listing{.selector = std::move(selector), .listed = std::move(listed), .end = 0, .rows = {}});
  loop_.Post([this, listing = std::move(listing)] {
    listing->end = tunnels_.size();
    ContinueListing(listing);
  });
}

void Worker::ContinueListing(std::shared_ptr<Listing> listing) {
  listing->end = tunnels_.ListBelow(listing->end, kStep, listing->selector, &listing->rows);
  if (listing->end > 0) {
    return loop_.Post([this, listing = std::move(listing)] { ContinueListing(listing); });
  }
  listing->listed(std::move(listing->rows));
}

struct Worker::Selecting {
  tunnel::Selector selector;
  absl::AnyInvocable<void(std::vector<tunnel::Brief>)> selected;
  size_t end = 0;
  std::vector<tunnel::Brief> briefs;
};

void Worker::SelectTunnels(tunnel::Selector selector,
                           absl::AnyInvocable<void(std::vector<tunnel::Brief>)> selected) {
  auto selecting = std::make_shared<Selecting>(
      Selecting{.selector = std::move(selector), .selected = std::move(selected), .end = 0, .briefs = {}});
  loop_.Post([this, selecting = std::move(selecting)] {
    selecting->end = tunnels_.size();
    ContinueSelecting(selecting);
  });
}

void Worker::ContinueSelecting(std::shared_ptr<Selecting> selecting) {
  selecting->end = tunnels_.SelectBelow(selecting->end, kStep, selecting->selector, &selecting->briefs);
  if (selecting->end > 0) {
    return loop_.Post([this, selecting = std::move(selecting)] { ContinueSelecting(selecting); });
  }
  for (tunnel::Brief& brief : selecting->briefs) brief.worker = static_cast<uint32_t>(number_);
  selecting->selected(std::move(selecting->briefs));
}

void Worker::FindOpen(std::vector<uint64_t> ids, absl::AnyInvocable<void(std::vector<uint64_t>)> found) {
  loop_.Post([this, ids = std::move(ids), found = std::move(found)]() mutable {
    found(tunnels_.StillOpen({ids.begin(), ids.end()}));
  });
}

void Worker::ShutTunnels(std::vector<uint64_t> ids, tunnel::CloseOrder order) {
  loop_.Post([this, ids = std::move(ids), order = std::move(order)]() mutable {
    ContinueShutting(std::move(ids), order);
  });
}

void Worker::ContinueShutting(std::vector<uint64_t> ids, const tunnel::CloseOrder& order) {
  const auto rest = ids.begin() + static_cast<ptrdiff_t>(ids.size() - std::min(ids.size(), kStep));
  tunnels_.Shut({rest, ids.end()}, order);
  ids.erase(rest, ids.end());
  if (!ids.empty()) ShutTunnels(std::move(ids), order);
}

void Worker::CutTunnels(std::vector<uint64_t> ids, tunnel::CloseOrder order) {
  loop_.Post([this, ids = std::move(ids), order = std::move(order)] {
    tunnels_.Cut({ids.begin(), ids.end()}, order);
  });
}

}  // namespace fairlead::proxy
