#include "pkg/ctl/fleet_service.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "fairlead/control/v1/fleet_service.grpc.pb.h"
#include "pkg/balancer/stable_hash.h"
#include "pkg/config/messages.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {

namespace v1 = control::v1;

namespace {

// Sidecars take revisions up to twice that: there is room to go on from it.
constexpr uint64_t kMaxRevisionTaken = uint64_t{1} << 62;
constexpr size_t kMaxNameBytes = 256;

}  // namespace

using Request = v1::SyncConfigRequest;
using Update = v1::SyncConfigResponse;

// The RPC. One lock over everything: a sidecar says little.
class FleetService::Impl final : public v1::FleetService::CallbackService {
 public:
  explicit Impl(OnEvent on_event) : on_event_(std::move(on_event)) {}

  grpc::ServerBidiReactor<Request, Update>* SyncConfig(grpc::CallbackServerContext* context) override;
  void Publish(config::v1::Config config);

 private:
  class Sidecar;

  // With the lock held: the configuration under this revision, to everybody.
  void Send(uint64_t revision);
  void Report(const FleetEvent& event) { on_event_(event); }

  const OnEvent on_event_;
  std::mutex mutex_;
  config::v1::Config config_;
  std::string hash_;                       // of it
  std::shared_ptr<const Update> update_;   // with it; null = nothing is published yet
  std::unordered_set<Sidecar*> sidecars_;  // that have said Hello
};

// One stream. gRPC calls it on its threads, one event of a kind at a time; it destroys itself when the call
// is done. All it has is under the service's lock.
class FleetService::Impl::Sidecar final : public grpc::ServerBidiReactor<Request, Update> {
 public:
  Sidecar(Impl& service, std::string peer) : service_(service), name_(std::move(peer)) {
    StartRead(&request_);
  }

  // With the lock held. While one update is being written only the newest of those that follow waits.
  void Offer(std::shared_ptr<const Update> update) {
    if (finished_) return;
    next_ = std::move(update);
    if (!writing_) WriteNext();
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(service_.mutex_);
    if (!ok) return End(grpc::Status::OK);
    if (greeted_ == request_.has_hello()) {
      return End({grpc::StatusCode::INVALID_ARGUMENT, "say Hello first, and once"});
    }
    switch (request_.message_case()) {
      case Request::kHello:
        if (const grpc::Status status = Check(request_.hello()); !status.ok()) return End(status);
        Greet(request_.hello());
        break;
      case Request::kAck:
        service_.Report({.kind = FleetEvent::Kind::kAcked,
                         .node = name_,
                         .revision = RevisionOf(request_.ack().nonce()),
                         .text = "",
                         .violations = {}});
        break;
      case Request::kNack:
        ReportNack(request_.nack());
        break;
      case Request::MESSAGE_NOT_SET:
        return End({grpc::StatusCode::INVALID_ARGUMENT, "say Hello, Ack or Nack"});
    }
    StartRead(&request_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(service_.mutex_);
    writing_.reset();
    if (ok && !finished_ && next_) WriteNext();
  }

  void OnCancel() override {
    const std::lock_guard lock(service_.mutex_);
    End(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    {
      const std::lock_guard lock(service_.mutex_);
      if (service_.sidecars_.erase(this) > 0) {
        service_.Report({.kind = FleetEvent::Kind::kGone, .node = name_, .text = "", .violations = {}});
      }
    }
    delete this;
  }

 private:
  // Updates are named by their revision.
  static uint64_t RevisionOf(const std::string& nonce) { return std::strtoull(nonce.c_str(), nullptr, 10); }

  // One sidecar must not spoil the count, or the screen, for all.
  static grpc::Status Check(const v1::Hello& hello) {
    if (hello.revision() > kMaxRevisionTaken) {
      return {grpc::StatusCode::INVALID_ARGUMENT,
              "Hello.revision is out of range: no plane has counted so far"};
    }
    if (hello.node_id().size() > kMaxNameBytes || hello.version().size() > kMaxNameBytes) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "Hello.node_id or Hello.version is longer than 256 bytes"};
    }
    return {};
  }

  void Greet(const v1::Hello& hello) {
    greeted_ = true;
    if (!hello.node_id().empty()) name_ = hello.node_id();
    service_.sidecars_.insert(this);
    service_.Report({.kind = FleetEvent::Kind::kConnected,
                     .node = name_,
                     .revision = hello.revision(),
                     .text = "fairlead " + hello.version(),
                     .violations = {}});
    if (!service_.update_) return;
    // It has more than we have made, or the same revision of something else: from a plane before this one.
    const uint64_t ours = service_.update_->revision();
    const bool ahead =
        hello.revision() > ours || (hello.revision() == ours && hello.hash() != service_.hash_);
    if (ahead) return service_.Send(hello.revision() + 1);
    Offer(service_.update_);
  }

  void ReportNack(const v1::Nack& nack) {
    FleetEvent event{.kind = FleetEvent::Kind::kNacked,
                     .node = name_,
                     .revision = RevisionOf(nack.nonce()),
                     .text = nack.violations().empty() ? nack.message() : "",
                     .violations = {}};
    for (const v1::Violation& violation : nack.violations()) {
      event.violations.push_back(fmt::format("{}: {}", violation.field(), violation.description()));
    }
    service_.Report(event);
  }

  void WriteNext() {
    writing_ = std::exchange(next_, nullptr);
    StartWrite(writing_.get());
  }

  void End(const grpc::Status& status) {
    if (!std::exchange(finished_, true)) Finish(status);
  }

  Impl& service_;
  std::string name_;
  Request request_;
  bool greeted_ = false;
  bool finished_ = false;
  std::shared_ptr<const Update> writing_;  // lives until it is written
  std::shared_ptr<const Update> next_;
};

grpc::ServerBidiReactor<Request, Update>* FleetService::Impl::SyncConfig(
    grpc::CallbackServerContext* context) {
  return new Sidecar(*this, context->peer());
}

void FleetService::Impl::Publish(config::v1::Config config) {
  const std::lock_guard lock(mutex_);
  config_ = std::move(config);
  hash_ = fmt::format("{:016x}", balancer::StableHash(config::StableBytes(config_)));
  Send(update_ ? update_->revision() + 1 : 1);
}

void FleetService::Impl::Send(uint64_t revision) {
  auto update = std::make_shared<Update>();
  update->set_nonce(std::to_string(revision));
  update->set_revision(revision);
  update->set_hash(hash_);
  *update->mutable_config() = config_;
  update_ = std::move(update);
  Report({.kind = FleetEvent::Kind::kPublished,
          .node = "",
          .revision = revision,
          .text = "to " + FormatCount(static_cast<int64_t>(sidecars_.size()), "sidecar"),
          .violations = {}});
  for (Sidecar* sidecar : sidecars_) sidecar->Offer(update_);
}

FleetService::FleetService(OnEvent on_event) : impl_(std::make_unique<Impl>(std::move(on_event))) {}

FleetService::~FleetService() = default;

grpc::Service* FleetService::service() {
  return impl_.get();
}

void FleetService::Publish(const config::Config& config) {
  impl_->Publish(config::ToMessage(config));
}

}  // namespace fairlead::ctl
