#include "pkg/upstream/dial.h"

#include <algorithm>
#include <utility>

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
      timeout_(timeout) {}

void Dial::Start(Done done) {
  done_ = std::move(done);
  if (cluster_->wants_tls() && cluster_->tls() == nullptr) return GiveUp(DialFailure::kTlsFailed);
  if (!lease_) lease_ = cluster_->Pick(key_, random_);
  if (!lease_) return GiveUp(WhyNone());
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
  lease_ = cluster_->Pick(key_, random_, failed_);
  if (!lease_) return false;
  if (!permit_) {
    if (auto permit =
            endpoint::RetryPermit::Take(cluster_->state(), retries.budget_percent, retries.min_concurrent)) {
      permit_.emplace(*std::move(permit));
    }
  }
  if (!permit_) {
    ++over_budget_;
    lease_.reset();
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
  // What the kernel refuses at once is our own trouble (no descriptor, no port, no route), not the
  // endpoint's.
  if (!connect.ok()) return AttemptFailed(DialFailure::kConnectFailed);
  connect_ = *std::move(connect);
  if (timeout_ > base::Duration(0)) loop_.deadlines().Arm(*this, loop_.Now() + timeout_);
}

void Dial::Attempted(absl::Status status, std::unique_ptr<stream::Stream> stream) {
  connect_.reset();
  if (!status.ok()) {
    CountFailure(*cluster_, *lease_, loop_.Now());
    return AttemptFailed(DialFailure::kConnectFailed);
  }
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
  tls_.reset();
  CountFailure(*cluster_, *lease_, loop_.Now());
  AttemptFailed(failure == tls::Failure::kPeerUnverified ? DialFailure::kUnverified
                                                         : DialFailure::kTlsFailed);
}

void Dial::Connected(std::unique_ptr<stream::Stream> stream) {
  Disarm();
  lease_->Connected();
  Done done = std::move(done_);  // moved out first: the callback may destroy this
  done(Connection{.stream = std::move(stream), .lease = *std::exchange(lease_, std::nullopt)});
}

void Dial::AttemptFailed(DialFailure failure) {
  Disarm();
  lease_->endpoint().CountConnectFailure();
  failed_.push_back(&lease_->endpoint());
  lease_.reset();
  if (!cluster_->resilience().retries.on_connect_failure || !MayTryAnother()) return GiveUp(failure);
  Connect();
}

void Dial::GiveUp(DialFailure failure) {
  Done done = std::move(done_);
  done(failure);
}

DialFailure Dial::WhyNone() const {
  const auto& endpoints = cluster_->endpoints();
  const bool full = cluster_->state()->full() ||
                    std::any_of(endpoints.begin(), endpoints.end(), [](const auto& e) { return e->full(); });
  return full ? DialFailure::kFull : DialFailure::kNoEndpoint;
}

void Dial::OnDeadline(base::MonotonicTime now) {
  connect_.reset();
  tls_.reset();
  CountFailure(*cluster_, *lease_, now);
  AttemptFailed(DialFailure::kConnectTimeout);
}

}  // namespace fairlead::upstream
