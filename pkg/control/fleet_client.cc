#include "pkg/control/fleet_client.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <future>
#include <utility>

#include "fairlead/control/v1/fleet_service.grpc.pb.h"
#include "pkg/control/audit.h"
#include "pkg/control/fleet_dial.h"
#include "pkg/control/fleet_update.h"
#include "pkg/telemetry/log.h"

namespace fairlead::control {
namespace {

// A stream that stood for that long was a success, although nothing new was sent.
constexpr std::chrono::seconds kSettled{30};

apply::Answer Submit(apply::Applier& applier, apply::Change change) {
  std::promise<apply::Answer> answer;
  applier.Submit(std::move(change), [&answer](apply::Answer given) { answer.set_value(std::move(given)); });
  return answer.get_future().get();
}

void FillNack(const apply::Answer& answer, uint64_t in_force, v1::Nack* nack) {
  nack->set_revision(in_force);
  nack->set_message(answer.message);
  nack->set_resync(answer.resync);
  for (const config::Violation& violation : answer.violations) {
    v1::Violation& field = *nack->add_violations();
    field.set_field(violation.path);
    field.set_description(violation.problem + ", " + violation.remedy);
  }
}

}  // namespace

// One stream, once it stands.
class FleetClient::Stream {
 public:
  Stream(const Options& options,
         grpc::ClientReaderWriter<v1::SyncConfigRequest, v1::SyncConfigResponse>& wire)
      : options_(options), wire_(wire) {}

  bool SayHello() {
    const apply::FleetMark mark = options_.applier->status().fleet;
    v1::SyncConfigRequest request;
    v1::Hello& hello = *request.mutable_hello();
    hello.set_node_id(options_.bootstrap->node.id);
    hello.set_node_zone(options_.bootstrap->node.zone);
    hello.set_version(options_.version);
    hello.set_revision(mark.revision);
    hello.set_hash(mark.hash);
    return wire_.Write(request);
  }

  // Waits for an update and answers it. False when there are no more. `applied` is set when it was.
  bool TakeOne(bool* applied) {
    v1::SyncConfigResponse update;
    if (!wire_.Read(&update)) return false;
    const apply::Answer answer = Apply(update);
    Audit(Origin(), fmt::format("update {}", update.revision()), answer);
    v1::SyncConfigRequest request;
    if (answer.applied()) {
      *applied = true;
      request.mutable_ack()->set_nonce(update.nonce());
      request.mutable_ack()->set_revision(update.revision());
    } else {
      request.mutable_nack()->set_nonce(update.nonce());
      FillNack(answer, options_.applier->status().fleet.revision, request.mutable_nack());
    }
    return wire_.Write(request);
  }

 private:
  apply::Origin Origin() const {
    return {.source = config::Owner::kFleet, .who = options_.bootstrap->control.fleet->address};
  }

  apply::Answer Apply(const v1::SyncConfigResponse& update) {
    config::Checked<apply::Change> change = ToChange(update, *options_.bootstrap);
    if (change.value) return Submit(*options_.applier, *std::move(change.value));
    apply::Answer answer = apply::Answer::Refusal(apply::Verdict::kInvalid, std::move(change.violations));
    options_.applier->CountRefused(Origin(), answer.message);
    return answer;
  }

  const Options& options_;
  grpc::ClientReaderWriter<v1::SyncConfigRequest, v1::SyncConfigResponse>& wire_;
};

FleetClient::FleetClient(Options options) : options_(std::move(options)), random_(options_.seed) {
  status_ = {.address = options_.bootstrap->control.fleet->address,
             .connected = false,
             .since = options_.clock->WallNow(),
             .last_error = ""};
  thread_ = std::thread([this] { Run(); });
}

FleetClient::~FleetClient() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (call_ != nullptr) call_->TryCancel();
  }
  stop_.notify_all();
  thread_.join();
}

FleetStatus FleetClient::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void FleetClient::Run() {
  std::uniform_int_distribution<base::Duration::rep> first(0, kFirstDialWithin.count());
  base::Duration wait(first(random_));
  while (Sleep(wait)) {
    const std::string error = RunStream();
    SetConnected(false, error);
    wait = backoff_.Next();
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    telemetry::LogWarning(
        fmt::format("control plane {}: {}; dialling again in {} ms", status_.address, error, wait.count()));
  }
}

std::string FleetClient::RunStream() {
  const auto channel = DialFleet(*options_.bootstrap->control.fleet);
  if (!channel.ok()) return std::string(channel.status().message());
  const auto stub = v1::FleetService::NewStub(*channel);
  grpc::ClientContext context;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return "stopped";
    call_ = &context;
  }
  const auto wire = stub->SyncConfig(&context);
  Stream stream(options_, *wire);
  const base::MonotonicTime began = options_.clock->Now();
  if (stream.SayHello()) {
    SetConnected(true, "");
    bool applied = false;
    while (stream.TakeOne(&applied)) {
    }
    if (applied || options_.clock->Now() - began >= kSettled) backoff_.Reset();
  }
  context.TryCancel();
  const grpc::Status ended = wire->Finish();
  const std::lock_guard lock(mutex_);
  call_ = nullptr;
  return ended.ok() ? "hung up" : ended.error_message();
}

bool FleetClient::Sleep(base::Duration duration) {
  std::unique_lock lock(mutex_);
  return !stop_.wait_for(lock, duration, [this] { return stopping_; });
}

void FleetClient::SetConnected(bool connected, const std::string& error) {
  options_.stats->SetControlConnected(connected);
  const std::lock_guard lock(mutex_);
  if (status_.connected != connected) status_.since = options_.clock->WallNow();
  status_.connected = connected;
  if (!error.empty()) status_.last_error = error;
}

}  // namespace fairlead::control
