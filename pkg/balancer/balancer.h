#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "pkg/base/random.h"

namespace fairlead::balancer {

// A backend as its policy sees it; it is known by its place in the list that the table was built from.
struct Host {
  std::string_view hash_id;  // what hashing policies place it by: unique in its list, the same on every proxy
  uint32_t weight = 1;       // 0–65535; 0 = never picked
  bool newcomer = false;     // in slow start: keys that it does not take yet stay where they were without it
};

// How much of its weight a host takes now, as a part of this.
inline constexpr uint32_t kWholeShare = 65536;

// What one pick depends on. The references need to live as long as the call.
struct PickContext {
  // What hashing policies place the pick by; nothing = anywhere.
  std::optional<uint64_t> key;
  // Whose turn it is: one per cluster, outlives the tables, shared by all threads.
  std::atomic<uint64_t>& turn;
  // The calling thread's.
  base::Random& random;
  // 0 = pass this host over; up to kWholeShare, less in slow start.
  absl::FunctionRef<uint32_t(size_t)> share;
  // What the host holds now, counted over all threads.
  absl::FunctionRef<uint64_t(size_t)> load;
  // Told when a host was passed over because its share does not reach to this pick yet.
  absl::FunctionRef<void(size_t)> held_back;
};

// A policy applied to one list of hosts: an immutable table, built once and shared by all threads. No I/O, no
// clock. A policy is one file with one class; the list it is built from is not kept.
class Balancer {
 public:
  virtual ~Balancer() = default;

  // The place of the host to take; nothing when none has weight and a share that reaches to this pick. Any
  // thread.
  virtual std::optional<size_t> Pick(const PickContext& context) const = 0;
  // What the table takes up beside the object itself.
  virtual size_t bytes() const = 0;
};

}  // namespace fairlead::balancer
