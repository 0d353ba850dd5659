#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace fairlead::telemetry {

// Instruments have one writer, a worker's thread, and any number of readers. A relaxed load and a relaxed
// store are then enough: on the hot path they cost what a plain integer costs, and TSan knows them to be
// right.

// Only grows. Wraps after 2^64.
class Counter {
 public:
  void Add(uint64_t n) { value_.store(value() + n, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void Add(int64_t n) { Set(value() + n); }
  void Increment() { Add(1); }
  void Decrement() { Add(-1); }
  void Set(int64_t n) { value_.store(n, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// How often durations fell into each of a fixed set of buckets. Its count is the sum of its buckets, so a
// reader in the middle of an Observe sees a count and buckets that agree; the sum may lag by that one
// observation.
class Histogram {
 public:
  using Seconds = std::chrono::duration<double>;

  // `bounds`: upper bounds in seconds, inclusive, ascending; what lies above the last goes into one bucket
  // more. They must outlive the histogram: give it an array of static storage.
  explicit Histogram(std::span<const double> bounds);

  void Observe(Seconds value);

  std::span<const double> bounds() const { return bounds_; }
  // Not cumulative. 0 ≤ bucket ≤ bounds().size().
  uint64_t count(size_t bucket) const { return counts_[bucket].value(); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::span<const double> bounds_;
  std::unique_ptr<Counter[]> counts_;
  std::atomic<double> sum_{0};
};

}  // namespace fairlead::telemetry
