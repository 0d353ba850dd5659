#include "pkg/upstream/dial.h"

#include <utility>

namespace fairlead::upstream {

Dial::Dial(loop::Loop& loop, base::Random& random, std::shared_ptr<const snapshot::Cluster> cluster,
           std::optional<uint64_t> key, base::Duration timeout, Done done)
    : loop_(loop),
      random_(random),
      cluster_(std::move(cluster)),
      key_(key),
      timeout_(timeout),
      done_(std::move(done)) {}

void Dial::Start() {
  TryNext();
}

void Dial::TryNext() {
  lease_.reset();
  lease_ = failed_.size() < kAttempts ? cluster_->Pick(key_, random_, failed_) : std::nullopt;
  if (!lease_) {
    // Moved out first: the callback may destroy this.
    Done done = std::move(done_);
    done(failure_);
    return;
  }
  auto connect = loop::Connect::Start(loop_, lease_->endpoint().address(),
                                      [this](absl::Status status, std::unique_ptr<stream::Stream> stream) {
                                        connect_.reset();
                                        Disarm();
                                        if (!status.ok()) return AttemptFailed(DialFailure::kConnectFailed);
                                        Connected(std::move(stream));
                                      });
  if (!connect.ok()) return AttemptFailed(DialFailure::kConnectFailed);
  connect_ = *std::move(connect);
  if (timeout_ > base::Duration(0)) loop_.deadlines().Arm(*this, loop_.Now() + timeout_);
}

void Dial::Connected(std::unique_ptr<stream::Stream> stream) {
  Done done = std::move(done_);
  done(Connection{.stream = std::move(stream), .lease = *std::move(lease_)});
}

void Dial::AttemptFailed(DialFailure failure) {
  failure_ = failure;
  lease_->endpoint().CountConnectFailure();
  failed_.push_back(&lease_->endpoint());  // the cluster keeps it alive
  TryNext();
}

void Dial::OnDeadline(base::MonotonicTime) {
  connect_.reset();
  AttemptFailed(DialFailure::kConnectTimeout);
}

}  // namespace fairlead::upstream
