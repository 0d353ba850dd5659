#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace fairlead::telemetry {

// The blocks of one kind over all workers, grouped by labels. Thread-safe; the lock is taken when a block
// comes or goes and while a scrape adds up, never to count.
//
// A sum must not fall while somebody still adds to it, or Prometheus takes it for a restart of the process.
// So what a block counted stays with its series, and goes with the last block of it. Some families leave a
// label out: what a whole series counted then stays with its siblings, as the series that has Labels::Rest()
// for labels and no blocks.
template <typename Block>
class SeriesTable {
 public:
  using Labels = typename Block::Labels;
  using Instruments = typename Block::Instruments;

  struct Sum {
    Labels labels;
    std::unique_ptr<Instruments> total;
  };

  // The block must be removed before it is destroyed.
  void Add(const Block* block) {
    std::lock_guard lock(mutex_);
    series_[block->labels()].blocks.push_back(block);
  }

  void Remove(const Block* block) {
    std::lock_guard lock(mutex_);
    const auto found = series_.find(block->labels());
    std::erase(found->second.blocks, block);
    found->second.departed.Absorb(*block);
    if (!found->second.blocks.empty()) return;
    const auto gone = series_.extract(found);
    const Labels rest = gone.key().Rest();
    if (AnyBlocks(rest)) {
      series_[rest].departed.Absorb(gone.mapped().departed);
    } else {
      series_.erase(rest);
    }
  }

  // Sorted by labels.
  std::vector<Sum> Sums() const {
    std::lock_guard lock(mutex_);
    std::vector<Sum> sums;
    sums.reserve(series_.size());
    for (const auto& [labels, series] : series_) {
      Sum& sum = sums.emplace_back(Sum{labels, std::make_unique<Instruments>()});
      sum.total->Absorb(series.departed);
      for (const Block* block : series.blocks) sum.total->Absorb(*block);
    }
    return sums;
  }

 private:
  struct Series {
    std::vector<const Block*> blocks;
    Instruments departed;
  };

  // In any series that has this rest: they lie side by side.
  bool AnyBlocks(const Labels& rest) const {
    for (auto i = series_.lower_bound(rest); i != series_.end() && i->first.Rest() == rest; ++i) {
      if (!i->second.blocks.empty()) return true;
    }
    return false;
  }

  mutable std::mutex mutex_;
  std::map<Labels, Series> series_;
};

}  // namespace fairlead::telemetry
