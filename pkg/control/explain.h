#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/address.h"
#include "pkg/base/random.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/sticky/sealer.h"

namespace fairlead::control {

// A request that nobody has sent.
struct Question {
  std::string listener;  // empty = the first
  std::string method;
  std::string host;
  std::string target;  // path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<base::IpAddress> client;
};

// Where it would go. Empty names: it would not get that far.
struct Explanation {
  std::string route;
  std::string cluster;
  std::optional<uint64_t> key;
  std::string endpoint;            // its label
  std::vector<std::string> steps;  // in words
  // Label and reason of those that were not picked for a reason, at most kMaxPassedOver of them.
  std::vector<std::pair<std::string, std::string>> passed_over;

  static constexpr size_t kMaxPassedOver = 1000;
};

// By the very code that routes and picks, with the sealers of the same configuration; reserves nothing and
// takes nobody's turn. Any thread.
Explanation Explain(const snapshot::Snapshot& snapshot, const sticky::Sealers& sealers,
                    const Question& question, base::Random& random);

// Where a cluster places a key; nothing when there is no such cluster.
std::optional<Explanation> ExplainKey(const snapshot::Snapshot& snapshot, const std::string& cluster,
                                      uint64_t key, base::Random& random);

}  // namespace fairlead::control
