#include "pkg/upstream/dial.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "pkg/telemetry/log.h"
#include "pkg/upstream/outcome.h"
#include "pkg/upstream/source_address.h"

namespace fairlead::upstream {

Dial::Dial(loop::Loop& loop, tls::Workspace& workspace, base::Random& random,
           std::shared_ptr<const snapshot::Cluster> cluster, std::optional<uint64_t> key,
           base::Duration timeout)
    : loop_(loop),
      workspace_(workspace),
      random_(random),
      cluster_(std::move(cluster)),
      key_(key),
      timeout_(timeout) {
  cluster_->state()->retries.CountRequest(loop.Now());
}

void Dial::Start(Done done) {
  done_ = std::move(done);
  if (cluster_->wants_tls() && cluster_->tls() == nullptr) return GiveUp(DialFailure::kTlsFailed);
  bool full = false;
  if (!lease_) lease_ = cluster_->Pick(key_, random_, {}, &full);
  if (!lease_) return GiveUp(full ? DialFailure::kFull : DialFailure::kNoEndpoint);
  Connect();
}

bool Dial::PickAnother(const endpoint::Lease& failed) {
  failed_.push_back(&failed.endpoint());
  return MayTryAnother();
}

// Takes a place at another endpoint, and one in the budget, where there are any.
bool Dial::MayTryAnother() {
  const config::Retries& retries = cluster_->resilience().retries;
  if (failed_.size() >= retries.attempts) return false;
  // The budget first: a place that is given back at once would be a turn taken from somebody.
  endpoint::RetryBudget& budget = cluster_->state()->retries;
  const base::MonotonicTime now = loop_.Now();
  if (!budget.TryTake(retries.budget_percent, retries.min_per_second, now)) {
    ++over_budget_;
    return false;
  }
  lease_ = cluster_->Pick(key_, random_, failed_);
  if (!lease_) {
    budget.GiveBack(now);
    return false;
  }
  ++retries_;
  return true;
}

void Dial::Connect() {
  auto connect = ConnectFromSource(loop_, lease_->endpoint().address(), *cluster_,
                                   [this](absl::Status status, std::unique_ptr<stream::Stream> stream) {
                                     Attempted(std::move(status), std::move(stream));
                                   });
  if (!connect.ok()) return ConnectFailed(connect.status());
  connect_ = *std::move(connect);
  if (timeout_ > base::Duration(0)) loop_.deadlines().Arm(*this, loop_.Now() + timeout_);
}

void Dial::Attempted(absl::Status status, std::unique_ptr<stream::Stream> stream) {
  connect_.reset();
  if (!status.ok()) return ConnectFailed(status);
  if (!preamble_.empty()) stream->Write(preamble_);
  if (!cluster_->wants_tls()) return Connected(std::move(stream));
  tls_ = tls::TlsStream::Connect(workspace_, cluster_->tls(), lease_->endpoint().address().ToString(),
                                 std::move(stream));
  if (!tls_) return AttemptFailed(DialFailure::kTlsFailed);
  tls_->Handshake([this](tls::Failure failure) { Shaken(failure); });
}

void Dial::Shaken(tls::Failure failure) {
  if (failure == tls::Failure::kNone) {
    tls_->TakeInfo();
    return Connected(std::move(tls_));
  }
  LogHandshakeFailure();
  tls_.reset();
  lease_->endpoint().CountConnectFailure();
  CountFailure(*cluster_, *lease_, loop_.Now());
  AttemptFailed(failure == tls::Failure::kPeerUnverified ? DialFailure::kUnverified
                                                         : DialFailure::kTlsFailed);
}

// In OpenSSL's words, in which nothing stands that the backend has sent.
void Dial::LogHandshakeFailure() const {
  base::OncePerSecond& log = cluster_->state()->tls_log;
  if (!log.Ready(loop_.Now())) return;
  telemetry::LogWarning(fmt::format("cluster {}: endpoint {}: TLS handshake failed: {}{}", cluster_->name(),
                                    lease_->endpoint().label(), tls_->error(), log.TakeSuppressed()));
}

void Dial::Connected(std::unique_ptr<stream::Stream> stream) {
  Disarm();
  lease_->Connected();
  Done done = std::move(done_);  // moved out first: the callback may destroy this
  done(Connection{.stream = std::move(stream), .lease = *std::exchange(lease_, std::nullopt)});
}

void Dial::ConnectFailed(const absl::Status& status) {
  if (loop::IsExhaustion(status)) {  // another endpoint's connection would need the same
    lease_.reset();
    Disarm();
    return GiveUp(DialFailure::kExhausted);
  }
  if (!loop::IsShortage(status)) {
    lease_->endpoint().CountConnectFailure();
    CountFailure(*cluster_, *lease_, loop_.Now());
  }
  AttemptFailed(DialFailure::kConnectFailed);
}

void Dial::AttemptFailed(DialFailure failure) {
  Disarm();
  failed_.push_back(&lease_->endpoint());
  lease_.reset();
  if (!cluster_->resilience().retries.on_connect_failure || !MayTryAnother()) return GiveUp(failure);
  Connect();
}

void Dial::GiveUp(DialFailure failure) {
  Done done = std::move(done_);
  done(failure);
}

void Dial::OnDeadline(base::MonotonicTime now) {
  connect_.reset();
  tls_.reset();
  lease_->endpoint().CountConnectFailure();
  CountFailure(*cluster_, *lease_, now);
  AttemptFailed(DialFailure::kConnectTimeout);
}

}  // namespace fairlead::upstream
