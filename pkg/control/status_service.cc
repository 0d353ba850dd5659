#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include "fairlead/control/v1/status_service.grpc.pb.h"
#include "pkg/config/owner_name.h"
#include "pkg/control/call.h"
#include "pkg/control/wire.h"

namespace fairlead::control {
namespace {

// Between two looks at whether the status has changed, while somebody watches.
constexpr std::chrono::milliseconds kTick{100};
// Between two that say no more than how far drains are.
constexpr std::chrono::seconds kProgress{1};

v1::Status MakeStatus(const Backing& backing) {
  v1::Status status;
  const ProcessStatus process = backing.data_plane->GetStatus();
  status.set_node(backing.bootstrap->node.id);
  status.set_version(process.version);
  ToWire(process.started_at, status.mutable_started_at());
  status.set_ready(process.ready);
  status.set_not_ready_reason(process.not_ready_reason);
  status.set_open_tunnels(process.open_tunnels);
  status.set_open_connections(process.open_connections);
  status.set_draining(process.draining);
  status.set_drained(process.drained);

  const apply::Status applied = backing.applier->status();
  status.set_owner(std::string(config::Name(applied.owner)));
  if (applied.overridden_by) {
    status.set_overridden_by(applied.overridden_by->ToString());
    ToWire(*applied.overridden_until, status.mutable_overridden_until());
  }
  status.set_revision(applied.revision);
  status.set_installed_revision(applied.installed_revision);
  ToWire(applied.applied_at, status.mutable_applied_at());
  status.set_stale(applied.stale);
  if (applied.stale) ToWire(applied.stale_for, status.mutable_stale_for());
  status.set_last_rejection(applied.last_rejection);
  for (const std::string& waiting : applied.waiting_for_keys) status.add_waiting_for_keys(waiting);
  for (const drain::DrainStatus& drain : backing.data_plane->ListDrains()) {
    if (!drain.over()) ToWire(drain, status.add_drains());
  }
  if (backing.fleet_status) {
    if (const auto fleet = backing.fleet_status()) ToWire(*fleet, status.mutable_fleet());
  }
  return status;
}

// One call of WatchStatus. Destroys itself when the call is done.
class Watcher final : public grpc::ServerWriteReactor<v1::WatchStatusResponse> {
 public:
  using Done = absl::AnyInvocable<void(Watcher*)>;

  explicit Watcher(Done done) : done_(std::move(done)) {}

  // Sends it unless it is what was sent last, or that is still under way: the next tick comes.
  void Offer(const v1::Status& status) {
    // The age grows by itself: that is no news. Neither is how far drains are, more often than once in a
    // while.
    const auto now = std::chrono::steady_clock::now();
    v1::Status news = status;
    news.clear_stale_for();
    std::string progress = news.SerializeAsString();
    news.clear_drains();
    std::string bytes = news.SerializeAsString();
    const std::lock_guard lock(mutex_);
    if (writing_ || finished_) return;
    if (bytes == last_ && (progress == last_progress_ || now - sent_at_ < kProgress)) return;
    last_ = std::move(bytes);
    last_progress_ = std::move(progress);
    sent_at_ = now;
    *response_.mutable_status() = status;
    writing_ = true;
    StartWrite(&response_);
  }

  void End(const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    Finish(status);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(grpc::Status::CANCELLED);
    const std::lock_guard lock(mutex_);
    writing_ = false;
  }

  void OnCancel() override { End(grpc::Status::CANCELLED); }

  void OnDone() override {
    done_(this);
    delete this;
  }

 private:
  Done done_;
  std::mutex mutex_;
  bool writing_ = false;
  bool finished_ = false;
  std::string last_;
  std::string last_progress_;  // the same with the drains
  std::chrono::steady_clock::time_point sent_at_;
  v1::WatchStatusResponse response_;
};

class StatusService final : public v1::StatusService::CallbackService {
 public:
  explicit StatusService(const Backing& backing) : backing_(backing), ticker_([this] { Tick(); }) {}

  // The server is gone, and with it every call.
  ~StatusService() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    ticker_.join();
  }

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override {
    const grpc::Status admitted =
        Admit(*context, *backing_.bootstrap, config::ControlRole::kReader, *request);
    if (admitted.ok()) *response->mutable_status() = MakeStatus(backing_);
    return Finish(context, admitted);
  }

  grpc::ServerWriteReactor<v1::WatchStatusResponse>* WatchStatus(
      grpc::CallbackServerContext* context, const v1::WatchStatusRequest* request) override {
    auto* const watcher = new Watcher([this](Watcher* done) {
      const std::lock_guard lock(mutex_);
      watchers_.erase(done);
    });
    const grpc::Status admitted =
        Admit(*context, *backing_.bootstrap, config::ControlRole::kReader, *request);
    if (!admitted.ok()) {
      watcher->End(admitted);
      return watcher;
    }
    watcher->Offer(MakeStatus(backing_));
    {
      const std::lock_guard lock(mutex_);
      watchers_.insert(watcher);
    }
    changed_.notify_all();
    return watcher;
  }

 private:
  void Tick() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (watchers_.empty()) {
        changed_.wait(lock);
        continue;
      }
      changed_.wait_for(lock, kTick, [this] { return stopping_; });
      lock.unlock();
      const v1::Status status = MakeStatus(backing_);
      lock.lock();
      // One whose call is done waits for the lock before it goes.
      for (Watcher* watcher : watchers_) watcher->Offer(status);
    }
  }

  const Backing backing_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_set<Watcher*> watchers_;
  bool stopping_ = false;
  std::thread ticker_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeStatusService(const Backing& backing) {
  return std::make_unique<StatusService>(backing);
}

}  // namespace fairlead::control
