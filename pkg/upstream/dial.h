#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/endpoint/lease.h"
#include "pkg/loop/connect.h"
#include "pkg/loop/loop.h"
#include "pkg/snapshot/cluster.h"
#include "pkg/stream/stream.h"

namespace fairlead::upstream {

// A connection to a backend, and the place that it holds there.
struct Connection {
  std::unique_ptr<stream::Stream> stream;
  endpoint::Lease lease;
};

enum class DialFailure : uint8_t {
  kNoEndpoint,      // nothing in the cluster may be picked
  kConnectFailed,   // refused or unreachable
  kConnectTimeout,  // no answer in time
};

// Gets a connection to one of a cluster's endpoints: takes a place, connects, and where that fails tries one
// other endpoint. One thread. Destroying it gives up.
class Dial final : private base::DeadlineWheel::Entry {
 public:
  using Result = std::variant<Connection, DialFailure>;
  // Called once, from the loop or from inside Start. The dial may be destroyed inside.
  using Done = absl::AnyInvocable<void(Result)>;

  // `timeout` is for each attempt; zero = none.
  Dial(loop::Loop& loop, base::Random& random, std::shared_ptr<const snapshot::Cluster> cluster,
       std::optional<uint64_t> key, base::Duration timeout, Done done);

  void Start();

 private:
  static constexpr int kAttempts = 2;

  void TryNext();
  void Connected(std::unique_ptr<stream::Stream> stream);
  void AttemptFailed(DialFailure failure);
  void OnDeadline(base::MonotonicTime now) override;

  loop::Loop& loop_;
  base::Random& random_;
  const std::shared_ptr<const snapshot::Cluster> cluster_;
  const std::optional<uint64_t> key_;
  const base::Duration timeout_;
  Done done_;
  std::optional<endpoint::Lease> lease_;
  std::unique_ptr<loop::Connect> connect_;
  std::vector<const endpoint::Endpoint*> failed_;
  DialFailure failure_ = DialFailure::kNoEndpoint;
};

}  // namespace fairlead::upstream
