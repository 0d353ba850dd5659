#include "pkg/balancer/ring_hash.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "pkg/balancer/stable_hash.h"
#include "pkg/balancer/walk.h"

namespace fairlead::balancer {
namespace {

// Half a point counts as one.
uint64_t PointsOf(uint64_t weight, uint64_t hosts, uint64_t total) {
  if (weight == 0) return 0;
  return std::max<uint64_t>(1, (RingHash::kPointsPerHost * hosts * weight + total / 2) / total);
}

uint64_t PointOf(uint64_t id, uint64_t number) {
  return base::Mix(id + (number + 1) * base::kGolden);
}

}  // namespace

RingHash::RingHash(std::span<const Host> hosts) {
  uint64_t total = 0, weighted = 0, count = 0;
  for (const Host& host : hosts) total += host.weight, weighted += host.weight != 0;
  if (total == 0) return;
  std::vector<uint64_t> points_of;
  for (const Host& host : hosts) {
    ids_.push_back(StableHash(host.hash_id));
    points_of.push_back(PointsOf(host.weight, weighted, total));
    count += points_of.back();
  }
  const unsigned bits = static_cast<unsigned>(std::bit_width(count - 1));
  shift_ = 64 - std::max(bits, 1u);
  const auto for_each_point = [&](auto visit) {
    for (uint32_t host = 0; host < hosts.size(); ++host) {
      for (uint64_t n = 0; n < points_of[host]; ++n) visit(PointOf(ids_[host], n), host);
    }
  };
  // A counting sort into the parts, of which each holds a point or two to be put in order.
  parts_.assign((size_t{1} << (64 - shift_)) + 1, 0);
  for_each_point([&](uint64_t point, uint32_t) { ++parts_[(point >> shift_) + 1]; });
  std::partial_sum(parts_.begin(), parts_.end(), parts_.begin());
  std::vector<uint32_t> next(parts_.begin(), parts_.end() - 1);
  points_.resize(count);
  owners_.resize(count);
  const auto before = [&](uint64_t point, uint32_t host, size_t other) {
    return point != points_[other] ? point < points_[other] : ids_[host] < ids_[owners_[other]];
  };
  for_each_point([&](uint64_t point, uint32_t host) {
    size_t place = next[point >> shift_]++;
    for (; place > parts_[point >> shift_] && before(point, host, place - 1); --place) {
      points_[place] = points_[place - 1];
      owners_[place] = owners_[place - 1];
    }
    points_[place] = point;
    owners_[place] = host;
  });
}

size_t RingHash::FirstAtOrBehind(uint64_t key) const {
  size_t place = parts_[key >> shift_];
  const size_t end = parts_[(key >> shift_) + 1];
  while (place < end && points_[place] < key) ++place;
  return place == points_.size() ? 0 : place;
}

std::optional<size_t> RingHash::Pick(const PickContext& context) const {
  if (points_.empty()) return std::nullopt;
  const uint64_t key = context.key ? *context.key : context.random();
  return Walk(owners_, FirstAtOrBehind(key), 0, key, ids_, context);
}

size_t RingHash::bytes() const {
  return points_.size() * sizeof(points_[0]) + owners_.size() * sizeof(owners_[0]) +
         parts_.size() * sizeof(parts_[0]) + ids_.size() * sizeof(ids_[0]);
}

}  // namespace fairlead::balancer
