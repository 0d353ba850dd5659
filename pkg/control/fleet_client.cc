#include "pkg/control/fleet_client.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <future>
#include <string_view>
#include <utility>

#include "fairlead/control/v1/fleet_service.grpc.pb.h"
#include "pkg/apply/audit.h"
#include "pkg/config/quote.h"
#include "pkg/control/fleet_dial.h"
#include "pkg/control/fleet_files.h"
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

// gRPC's words for a plane that allows fewer pings. Asking less often is better than being cut off again and
// again; its own default is five minutes.
constexpr std::string_view kTooManyPings = "Too many pings";
constexpr base::Duration kMaxKeepalive = std::chrono::minutes(5);

constexpr int kMaxViolations = 100;
constexpr size_t kMaxTextBytes = 1024;

// Of a long list the rest is counted.
void FillNack(const apply::Answer& answer, uint64_t in_force, v1::Nack* nack) {
  nack->set_revision(in_force);
  nack->set_message(config::Printable(answer.message, kMaxTextBytes));
  nack->set_resync(answer.resync);
  for (const config::Violation& violation : answer.violations) {
    v1::Violation& field = *nack->add_violations();
    if (nack->violations_size() > kMaxViolations) {
      field.set_description(fmt::format("and {} more", answer.violations.size() - kMaxViolations));
      break;
    }
    field.set_field(config::Printable(violation.path, kMaxTextBytes));
    field.set_description(config::Printable(violation.problem + ", " + violation.remedy, kMaxTextBytes));
  }
}

}  // namespace

// One stream, once it stands.
class FleetClient::Stream {
 public:
  Stream(const Options& options, FleetWatch& watch,
         grpc::ClientReaderWriter<v1::SyncConfigRequest, v1::SyncConfigResponse>& wire)
      : options_(options), watch_(watch), wire_(wire) {}

  bool SayHello() {
    const apply::FleetMark mark = options_.applier->status().fleet;
    watch_.Told(mark);
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
    watch_.Applying(true);
    const apply::Answer answer = Apply(update);
    apply::Audit(Origin(), fmt::format("update {}", update.revision()), answer);
    v1::SyncConfigRequest request;
    if (answer.applied()) {
      *applied = true;
      watch_.Told({.revision = update.revision(), .hash = update.hash()});
      request.mutable_ack()->set_nonce(update.nonce());
      request.mutable_ack()->set_revision(update.revision());
    } else {
      if (answer.verdict == apply::Verdict::kNotOwner) watch_.TurnedAway();
      request.mutable_nack()->set_nonce(update.nonce());
      FillNack(answer, options_.applier->status().fleet.revision, request.mutable_nack());
    }
    watch_.Applying(false);
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
  FleetWatch& watch_;
  grpc::ClientReaderWriter<v1::SyncConfigRequest, v1::SyncConfigResponse>& wire_;
};

FleetClient::FleetClient(Options options)
    : options_(std::move(options)), keepalive_(options_.keepalive), random_(options_.seed) {
  status_ = {.address = options_.bootstrap->control.fleet->address,
             .connected = false,
             .since = options_.clock->WallNow(),
             .last_error = ""};
  thread_ = std::thread([this] { Run(); });
  watcher_ = std::thread([this] { Watch(); });
}

FleetClient::~FleetClient() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (call_ != nullptr) call_->TryCancel();
  }
  stop_.notify_all();
  thread_.join();
  watcher_.join();
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
    if (error == kTooManyPings) keepalive_ = std::min(2 * keepalive_, kMaxKeepalive);
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    wait = backoff_.Next();
    telemetry::LogWarning(
        fmt::format("control plane {}: {}; dialling again in {} ms", status_.address, error, wait.count()));
  }
}

std::string FleetClient::RunStream() {
  const config::Fleet& fleet = *options_.bootstrap->control.fleet;
  const auto files = ReadFleetFiles(fleet);
  if (!files.ok()) return std::string(files.status().message());
  const auto channel = DialFleet(fleet, *files, keepalive_);
  if (!channel.ok()) return std::string(channel.status().message());
  const auto stub = v1::FleetService::NewStub(*channel);
  const auto watch = std::make_shared<FleetWatch>(*options_.bootstrap, *options_.applier, *files);
  grpc::ClientContext context;
  if (!files->token.empty()) context.AddMetadata("authorization", "Bearer " + files->token);
  if (!Begin(&context, watch)) return "stopped";
  const auto wire = stub->SyncConfig(&context);
  Stream stream(options_, *watch, *wire);
  Serve(stream);
  // Where the stream has not ended yet there is no reading on: then it is for the watch to give it up.
  watch->StoppedReading();
  return End(wire->Finish());
}

void FleetClient::Serve(Stream& stream) {
  const base::MonotonicTime began = options_.clock->Now();
  if (!stream.SayHello()) return;
  SetConnected(true, "");
  telemetry::LogInfo(fmt::format("control plane {}: connected", options_.bootstrap->control.fleet->address));
  bool applied = false;
  while (stream.TakeOne(&applied)) {
  }
  if (applied || options_.clock->Now() - began >= kSettled) backoff_.Reset();
}

bool FleetClient::Begin(grpc::ClientContext* call, std::shared_ptr<FleetWatch> watch) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  given_up_.clear();
  call_ = call;
  watch_ = std::move(watch);
  return true;
}

std::string FleetClient::End(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  call_ = nullptr;
  watch_ = nullptr;
  if (!given_up_.empty()) return given_up_;
  if (status.ok()) return "hung up";
  if (status.error_message().empty()) return fmt::format("hung up with status {}", status.error_code());
  return status.error_message();
}

void FleetClient::Watch() {
  while (Sleep(options_.look_every)) {
    std::shared_ptr<FleetWatch> watch;
    {
      const std::lock_guard lock(mutex_);
      watch = watch_;
    }
    if (!watch) continue;
    const std::string why = watch->Look();
    if (why.empty()) continue;
    const std::lock_guard lock(mutex_);
    if (watch_ != watch) continue;
    given_up_ = why;
    call_->TryCancel();
  }
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
