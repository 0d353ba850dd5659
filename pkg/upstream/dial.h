#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/endpoint/lease.h"
#include "pkg/loop/connect.h"
#include "pkg/loop/loop.h"
#include "pkg/snapshot/cluster.h"
#include "pkg/stream/stream.h"
#include "pkg/tls/tls_stream.h"
#include "pkg/tls/workspace.h"

namespace fairlead::upstream {

// A connection to a backend, and the place that it holds there.
struct Connection {
  std::unique_ptr<stream::Stream> stream;
  endpoint::Lease lease;
};

enum class DialFailure : uint8_t {
  kNoEndpoint,      // nothing in the cluster may be picked
  kFull,            // nothing, since the cluster holds all that it may, or an endpoint that would have done
  kExhausted,       // no descriptor, or no kernel memory; no other endpoint was tried, and none is blamed
  kConnectFailed,   // refused or unreachable
  kConnectTimeout,  // no connection in time, TLS included
  kTlsFailed,       // no TLS could be agreed on, or our own certificate is missing
  kUnverified,      // the backend's certificate is none that the cluster believes
};

// Gets a request connections to endpoints of a cluster: takes a place, connects, and where that fails, or the
// request does, tries another endpoint, as far as the cluster's retries and their budget allow. One thread.
// Destroying it gives up.
class Dial final : private base::DeadlineWheel::Entry {
 public:
  using Result = std::variant<Connection, DialFailure>;
  // Called once, from the loop or from inside the call that it was given to. The dial may be destroyed
  // inside.
  using Done = absl::AnyInvocable<void(Result)>;

  // `timeout` is for each attempt, from the first packet to the end of a TLS handshake; zero = none. The
  // workspace is the loop's.
  Dial(loop::Loop& loop, tls::Workspace& workspace, base::Random& random,
       std::shared_ptr<const snapshot::Cluster> cluster, std::optional<uint64_t> key, base::Duration timeout);

  // Before the first Start: the first attempt goes there.
  void Prefer(endpoint::Lease lease) { lease_ = std::move(lease); }
  // Likewise: what every connection begins with, ahead of TLS.
  void Announce(std::string preamble) { preamble_ = std::move(preamble); }
  void Start(Done done);
  // The request failed at the endpoint of this lease, and may be repeated: takes a place at another endpoint,
  // for the next Start. False where none is to be had, or none may be tried.
  bool PickAnother(const endpoint::Lease& failed);

  // Further attempts so far, and how often one was not made because the budget was used up.
  uint32_t retries() const { return retries_; }
  uint32_t over_budget() const { return over_budget_; }

 private:
  bool MayTryAnother();
  void Connect();
  void Attempted(absl::Status status, std::unique_ptr<stream::Stream> stream);
  void Shaken(tls::Failure failure);
  void LogHandshakeFailure() const;
  void Connected(std::unique_ptr<stream::Stream> stream);
  void ConnectFailed(const absl::Status& status);
  void AttemptFailed(DialFailure failure);
  void GiveUp(DialFailure failure);
  void OnDeadline(base::MonotonicTime now) override;

  loop::Loop& loop_;
  tls::Workspace& workspace_;
  base::Random& random_;
  const std::shared_ptr<const snapshot::Cluster> cluster_;
  const std::optional<uint64_t> key_;
  const base::Duration timeout_;
  std::string preamble_;
  Done done_;
  std::optional<endpoint::Lease> lease_;
  std::unique_ptr<loop::Connect> connect_;
  std::unique_ptr<tls::TlsStream> tls_;            // while it shakes hands
  std::vector<const endpoint::Endpoint*> failed_;  // the cluster keeps them alive
  uint32_t retries_ = 0;
  uint32_t over_budget_ = 0;
};

}  // namespace fairlead::upstream
