#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

namespace fairlead::telemetry {

// The instruments of one set of labels on one worker. It stays while a StatsRef points at it, and beyond that
// until WorkerStats::Prune finds that the configuration does not name it any more. A block has cache lines of
// its own.
template <typename LabelsT, typename InstrumentsT>
class alignas(64) StatsBlock final : public InstrumentsT {
 public:
  using Labels = LabelsT;
  using Instruments = InstrumentsT;

  explicit StatsBlock(Labels labels) : labels_(std::move(labels)) {}
  StatsBlock(const StatsBlock&) = delete;
  StatsBlock& operator=(const StatsBlock&) = delete;

  const Labels& labels() const { return labels_; }

  // For StatsRef; the worker's thread only.
  void Ref() { ++references_; }
  void Unref() {
    assert(references_ > 0);
    --references_;
  }
  bool referenced() const { return references_ > 0; }

 private:
  const Labels labels_;
  uint32_t references_ = 0;
};

// Keeps a block alive: one pointer, counted without atomics, so it lives and dies on the worker's thread and
// before the WorkerStats that handed it out. Move-only; empty after a move.
template <typename Block>
class StatsRef {
 public:
  StatsRef() = default;
  explicit StatsRef(Block* block) : block_(block) { block_->Ref(); }
  StatsRef(StatsRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  StatsRef& operator=(StatsRef&& other) noexcept {
    StatsRef taken(std::move(other));
    std::swap(block_, taken.block_);
    return *this;
  }
  ~StatsRef() {
    if (block_ != nullptr) block_->Unref();
  }

  // Another reference to the same block.
  StatsRef Share() const { return StatsRef(block_); }

  explicit operator bool() const { return block_ != nullptr; }
  Block* get() const { return block_; }
  Block* operator->() const { return block_; }
  Block& operator*() const { return *block_; }

 private:
  Block* block_ = nullptr;
};

}  // namespace fairlead::telemetry
