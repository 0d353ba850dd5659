#include <algorithm>
#include <cmath>
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
  absl::AnyInvocable<void(std::vector<uint64_t>)> selected;
  size_t end = 0;
  std::vector<uint64_t> ids;
};

void Worker::SelectTunnels(tunnel::Selector selector,
                           absl::AnyInvocable<void(std::vector<uint64_t>)> selected) {
  auto selecting = std::make_shared<Selecting>(
      Selecting{.selector = std::move(selector), .selected = std::move(selected), .end = 0, .ids = {}});
  loop_.Post([this, selecting = std::move(selecting)] {
    selecting->end = tunnels_.size();
    ContinueSelecting(selecting);
  });
}

void Worker::ContinueSelecting(std::shared_ptr<Selecting> selecting) {
  selecting->end = tunnels_.SelectBelow(selecting->end, kStep, selecting->selector, &selecting->ids);
  if (selecting->end > 0) {
    return loop_.Post([this, selecting = std::move(selecting)] { ContinueSelecting(selecting); });
  }
  selecting->selected(std::move(selecting->ids));
}

// Tunnels that are closed one step after the other.
class Worker::Closing final : public base::DeadlineWheel::Entry {
 public:
  Closing(Worker& worker, std::vector<uint64_t> ids, double rate)
      : worker_(worker), ids_(std::move(ids)), rate_(rate), began_(worker.loop_.Now()) {}

  void OnDeadline(base::MonotonicTime) override { Step(); }

  // Closes what is due, and comes again or, when all are closed, goes.
  void Step() {
    const size_t due = Due();
    const size_t step = std::min(due - std::min(due, done_), kStep);
    const auto first = ids_.begin() + static_cast<ptrdiff_t>(done_);
    worker_.tunnels_.Close({first, first + static_cast<ptrdiff_t>(step)}, telemetry::CloseReason::kRequested);
    done_ += step;
    if (done_ == ids_.size()) return worker_.Forget(*this);
    if (done_ < due) return worker_.loop_.Post([this] { Step(); });
    worker_.loop_.deadlines().Arm(*this, worker_.loop_.Now() + base::DeadlineWheel::kTick);
  }

 private:
  // How many should be closed by now. The first goes at once.
  size_t Due() const {
    if (rate_ == 0) return ids_.size();
    const std::chrono::duration<double> elapsed = worker_.loop_.Now() - began_;
    const double by_rate = std::floor(elapsed.count() * rate_) + 1;
    return static_cast<size_t>(std::min(by_rate, static_cast<double>(ids_.size())));
  }

  Worker& worker_;
  const std::vector<uint64_t> ids_;
  const double rate_;
  const base::MonotonicTime began_;
  size_t done_ = 0;
};

void Worker::CloseTunnels(std::vector<uint64_t> ids, double rate) {
  loop_.Post([this, ids = std::move(ids), rate]() mutable {
    closings_.push_back(std::make_shared<Closing>(*this, std::move(ids), rate));
    closings_.back()->Step();
  });
}

void Worker::Forget(const Closing& closing) {
  std::erase_if(closings_, [&](const auto& held) { return held.get() == &closing; });
}

}  // namespace fairlead::proxy
