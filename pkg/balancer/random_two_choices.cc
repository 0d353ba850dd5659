#include "pkg/balancer/random_two_choices.h"

#include "pkg/balancer/least_connections.h"

namespace fairlead::balancer {

RandomTwoChoices::RandomTwoChoices(std::span<const Host> hosts) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i].weight == 0) continue;
    total += hosts[i].weight;
    columns_.push_back({i, i, hosts[i].weight, hosts[i].weight, uint64_t{1} << 32});
  }
  if (total == 0) return;
  // In units in which a column holds `total`: those that have too little are filled up by those with too
  // much.
  std::vector<uint64_t> held;
  std::vector<size_t> poor, rich;
  for (size_t i = 0; i < columns_.size(); ++i) {
    held.push_back(columns_[i].weight * columns_.size());
    (held[i] < total ? poor : rich).push_back(i);
  }
  while (!poor.empty() && !rich.empty()) {
    const size_t to = poor.back(), from = rich.back();
    poor.pop_back();
    columns_[to].part = held[to] * (uint64_t{1} << 32) / total;
    columns_[to].other = columns_[from].host;
    columns_[to].other_weight = columns_[from].weight;
    held[from] -= total - held[to];
    if (held[from] >= total) continue;
    rich.pop_back();
    poor.push_back(from);
  }
}

std::optional<size_t> RandomTwoChoices::Pick(const PickContext& context) const {
  const std::optional<Drawn> one = Draw(context, std::nullopt);
  if (!one) return std::nullopt;
  const std::optional<Drawn> two = columns_.size() > 1 ? Draw(context, one->host) : std::nullopt;
  if (!two) return one->host;
  // The first wins a tie, and was drawn at random.
  const uint64_t first = (context.load(one->host) + 1) * two->weight;
  const uint64_t second = (context.load(two->host) + 1) * one->weight;
  return first <= second ? one->host : two->host;
}

std::optional<RandomTwoChoices::Drawn> RandomTwoChoices::Draw(const PickContext& context,
                                                              std::optional<size_t> not_this) const {
  constexpr int kTries = 8;
  for (int tried = 0; tried < kTries && !columns_.empty(); ++tried) {
    const uint64_t bits = context.random();
    const Column& column = columns_[(bits >> 32) * columns_.size() >> 32];
    const bool first = (bits & UINT32_MAX) < column.part;
    const uint32_t host = first ? column.host : column.other;
    if (not_this == host) continue;
    const uint64_t weight = SharedWeight(first ? column.weight : column.other_weight, context.share(host));
    if (weight != 0) return Drawn{host, weight};
  }
  return DrawAmongAll(context, not_this);
}

// Where most of the hosts are out: a look at all of them, each kept in proportion to its weight so far.
std::optional<RandomTwoChoices::Drawn> RandomTwoChoices::DrawAmongAll(const PickContext& context,
                                                                      std::optional<size_t> not_this) const {
  std::optional<Drawn> drawn;
  uint64_t total = 0;
  for (const Column& column : columns_) {
    if (not_this == column.host) continue;
    const uint64_t weight = SharedWeight(column.weight, context.share(column.host));
    if (weight == 0) continue;
    total += weight;
    if (context.random() % total < weight) drawn = Drawn{column.host, weight};
  }
  return drawn;
}

}  // namespace fairlead::balancer
