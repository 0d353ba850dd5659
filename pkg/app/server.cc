#include "pkg/app/server.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <random>
#include <utility>

#include "pkg/admin/admin_server.h"
#include "pkg/admin/telemetry_server.h"
#include "pkg/app/version.h"
#include "pkg/config/to_json.h"
#include "pkg/telemetry/log.h"
#include "pkg/tls/revocation_dates.h"

namespace fairlead::app {
namespace {

absl::Status Refused(const std::vector<config::Violation>& violations) {
  std::string lines;
  for (const config::Violation& violation : violations) lines += violation.ToString() + "\n";
  return absl::InvalidArgumentError(lines);
}

// Etags are for all to see: they must not tell what else is drawn by chance.
uint64_t EtagEpoch() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options) {
  std::unique_ptr<Server> server(new Server(options));
  const config::Bootstrap& bootstrap = options.file.bootstrap;
  if (bootstrap.access_log.mode != config::AccessLogMode::kDisabled) {
    auto log = telemetry::AccessLog::Open(bootstrap.access_log.path);
    if (!log.ok()) return log.status();
    server->access_log_ = *std::move(log);
  }
  server->collector_.emplace(telemetry::Collector::Sources{
      .build = {.version = std::string(Version()), .commit = std::string(Commit())},
      .stats = &server->stats_,
      .process = &server->process_stats_,
      .access_log = server->access_log_.get(),
      .endpoints = [&server = *server] { return server.EndpointSamples(); },
      .drains = [&server = *server] { return server.housekeeping_.DrainsRemaining(); },
      .certificates = [&server = *server] { return server.CertificateSamples(); },
      .crls = [&server = *server] { return server.CrlSamples(); },
      .overload = [&server = *server] { return server.OverloadSamples(); }});
  for (size_t i = 0; i < options.workers; ++i) {
    server->workers_.push_back(std::make_unique<proxy::Worker>(proxy::Worker::Options{
        .number = i,
        .seed = options.seed + i,
        .clock = options.clock,
        .timeout_clock = options.timeout_clock,
        .stats = &server->stats_,
        .memory = &server->admission_.memory,
        .access_log = server->access_log_.get(),
        .access_log_mode = bootstrap.access_log.mode,
        .tls_records_per_key = options.tls_records_per_key,
    }));
  }
  for (const auto& worker : server->workers_) worker->Start(server->workers_);
  server->applier_ = std::make_unique<apply::Applier>(
      apply::Applier::Options{.bootstrap = bootstrap,
                              .overrides = options.overrides,
                              .workers = options.workers,
                              .process = &server->admission_,
                              .endpoints = &server->endpoints_,
                              .stats = &server->process_stats_,
                              .clock = options.clock,
                              .seed = options.seed,
                              .etag_epoch = EtagEpoch()},
      apply::Applier::Outputs{
          .publish = [&server =
                          *server](const apply::Publication& publication) { server.Publish(publication); },
          .watch_names =
              [&server = *server](std::vector<apply::Applier::WatchedName> names) {
                server.names_.Watch(std::move(names));
              }});
  if (const absl::Status status = server->ApplyFirst(options.file); !status.ok()) return status;
  if (const absl::Status status = server->StartServers(bootstrap); !status.ok()) return status;
  if (const absl::Status status = server->StartControl(options); !status.ok()) return status;
  return server;
}

Server::Server(const Options& options)
    : endpoints_(options.seed, options.file.bootstrap.node.zone),
      admission_(options.max_connections),
      names_(options.seed,
             [this](const std::string& cluster, const std::string& name,
                    std::vector<base::IpAddress> addresses) {
               applier_->SetResolved(cluster, name, std::move(addresses));
             }),
      tunnels_(workers_, [this] { return applier_->in_force().snapshot; }),
      housekeeping_({.seed = options.seed,
                     .clock = options.clock,
                     .timeout_clock = options.timeout_clock,
                     .tunnels = &tunnels_}) {}

Server::~Server() {
  // The servers ask the applier, names report to it, and it publishes to the workers.
  control_.reset();
  telemetry_server_.reset();
  admin_server_.reset();
  names_.Stop();
  if (applier_) applier_->Stop();
  housekeeping_.Stop();
  published_ = {};
  workers_.clear();  // they tell the applier what they run
}

absl::Status Server::ApplyFirst(config::File file) {
  std::promise<std::vector<config::Violation>> applied;
  applier_->Start(std::move(file), OnceInstalled([&applied](std::vector<config::Violation> violations) {
                    applied.set_value(std::move(violations));
                  }));
  const std::vector<config::Violation> violations = applied.get_future().get();
  return violations.empty() ? absl::OkStatus() : Refused(violations);
}

absl::Status Server::StartServers(const config::Bootstrap& bootstrap) {
  if (bootstrap.telemetry) {
    auto server = admin::StartTelemetryServer(
        *bootstrap.telemetry,
        {.metrics = [this] { return RenderMetrics(); }, .ready = [this] { return Ready(); }});
    if (!server.ok()) return server.status();
    telemetry_server_ = *std::move(server);
    telemetry::LogInfo("telemetry: listening on " + telemetry_server_->address().ToString());
  }
  if (bootstrap.admin) {
    auto server = admin::StartAdminServer(*bootstrap.admin, {.config = [this, bootstrap] {
      const auto config = applier_->current();
      return config ? config::ToJson(config::File{.bootstrap = bootstrap, .config = *config})
                    : std::string("{}");
    }});
    if (!server.ok()) return server.status();
    admin_server_ = *std::move(server);
    telemetry::LogInfo("admin: listening on " + admin_server_->address().ToString());
  }
  return absl::OkStatus();
}

absl::Status Server::StartControl(const Options& options) {
  auto control = ControlSide::Start({.bootstrap = options.file.bootstrap,
                                     .applier = applier_.get(),
                                     .stats = &process_stats_,
                                     .clock = options.clock,
                                     .seed = options.seed,
                                     .sources = {.workers = &workers_,
                                                 .stats = &stats_,
                                                 .process = &process_stats_,
                                                 .connections = &admission_.connections,
                                                 .ready = [this] { return Ready(); },
                                                 .start_drain = [this] { Drain([] {}); },
                                                 .drained = [this] { return Drained(); },
                                                 .housekeeping = &housekeeping_,
                                                 .in_force = [this] { return applier_->in_force().snapshot; },
                                                 .version = std::string(Version()),
                                                 .started_at = options.clock->WallNow()}});
  if (!control.ok()) return control.status();
  control_ = *std::move(control);
  return absl::OkStatus();
}

void Server::Apply(config::File file, apply::Applier::Done done) {
  applier_->Apply(std::move(file), OnceInstalled(std::move(done)));
}

void Server::ReloadFile(std::string path, apply::Applier::Done done) {
  if (access_log_) access_log_->Reopen();
  applier_->ApplyFile(std::move(path), OnceInstalled(std::move(done)));
}

apply::Applier::Done Server::OnceInstalled(apply::Applier::Done done) {
  return [this, done = std::move(done)](std::vector<config::Violation> violations) mutable {
    if (!violations.empty()) return done(std::move(violations));
    // What is posted now runs behind the installation.
    auto remaining = std::make_shared<std::atomic<size_t>>(workers_.size());
    auto shared_done = std::make_shared<apply::Applier::Done>(std::move(done));
    for (const auto& worker : workers_) {
      worker->Post([remaining, shared_done] {
        if (remaining->fetch_sub(1) == 1) (*shared_done)({});
      });
    }
  };
}

void Server::Publish(const apply::Publication& publication) {
  bool served = false;
  {
    const std::lock_guard lock(published_mutex_);
    served = published_.snapshot && !published_.snapshot->listeners().empty();
    published_ = publication;
  }
  if (served && publication.snapshot->listeners().empty()) {
    telemetry::LogWarning("the configuration has no listener any more: nobody can connect");
  }
  housekeeping_.Update(publication.snapshot);
  const uint64_t revision = publication.snapshot->revision();
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->Install(publication);
    workers_[i]->Post([this, i, revision] { applier_->Installed(i, revision); });
  }
}

void Server::Drain(std::function<void()> drained) {
  {
    std::unique_lock lock(drain_mutex_);
    const bool begun = process_stats_.draining();
    if (begun && undrained_ == 0) {
      lock.unlock();
      return drained();
    }
    on_drained_.push_back(std::move(drained));
    if (begun) return;
    process_stats_.DrainStarted();
    undrained_ = workers_.size();
  }
  const std::shared_ptr<const config::Config> config = applier_->current();
  for (const auto& worker : workers_) worker->Drain(config->drain, [this] { WorkerDrained(); });
  housekeeping_.DrainAll(config->drain);
}

bool Server::Drained() {
  const std::lock_guard lock(drain_mutex_);
  return process_stats_.draining() && undrained_ == 0;
}

void Server::WorkerDrained() {
  std::vector<std::function<void()>> on_drained;
  {
    const std::lock_guard lock(drain_mutex_);
    if (--undrained_ > 0) return;
    on_drained.swap(on_drained_);
  }
  for (const auto& drained : on_drained) drained();
}

absl::Status Server::Ready() const {
  if (process_stats_.draining()) return absl::UnavailableError("shutting down");
  return absl::OkStatus();
}

std::vector<telemetry::EndpointSample> Server::EndpointSamples() const {
  std::vector<telemetry::EndpointSample> samples;
  for (endpoint::Sample& sample : endpoints_.Samples()) {
    samples.push_back({.cluster = std::move(sample.cluster),
                       .endpoint = std::move(sample.endpoint),
                       .open_tunnels = static_cast<int64_t>(sample.open_tunnels),
                       .connect_failures = sample.connect_failures,
                       .ejections = sample.ejections,
                       .healthy = sample.healthy});
  }
  return samples;
}

std::shared_ptr<const snapshot::Snapshot> Server::Published() const {
  const std::lock_guard lock(published_mutex_);
  return published_.snapshot;
}

std::vector<telemetry::CertificateSample> Server::CertificateSamples() const {
  const std::shared_ptr<const snapshot::Snapshot> snapshot = Published();
  std::vector<telemetry::CertificateSample> samples;
  if (!snapshot) return samples;
  for (const snapshot::Listener& listener : snapshot->listeners()) {
    if (listener.tls == nullptr) continue;
    for (const auto& shown : listener.tls->certificates()) {
      samples.push_back({listener.name, "", shown->name(), shown->expires()});
    }
  }
  for (const auto& cluster : snapshot->clusters()) {
    if (cluster->tls() == nullptr || cluster->tls()->certificate() == nullptr) continue;
    const tls::Certificate& shown = *cluster->tls()->certificate();
    samples.push_back({"", cluster->name(), shown.name(), shown.expires()});
  }
  return samples;
}

std::vector<telemetry::CrlSample> Server::CrlSamples() const {
  const std::shared_ptr<const snapshot::Snapshot> snapshot = Published();
  std::vector<telemetry::CrlSample> samples;
  if (!snapshot) return samples;
  for (const snapshot::Listener& listener : snapshot->listeners()) {
    const auto end =
        listener.tls == nullptr ? std::nullopt : tls::EarliestCrlExpiry(listener.tls->authorities());
    if (end) samples.push_back({listener.name, "", *end});
  }
  for (const auto& cluster : snapshot->clusters()) {
    const auto end =
        cluster->tls() == nullptr ? std::nullopt : tls::EarliestCrlExpiry(cluster->tls()->authorities());
    if (end) samples.push_back({"", cluster->name(), *end});
  }
  return samples;
}

std::vector<telemetry::OverloadSample> Server::OverloadSamples() {
  std::vector<telemetry::OverloadSample> samples;
  const auto add = [&](std::string_view resource, const std::string& listener,
                       admission::OverloadActions actions) {
    for (size_t i = 0; i < admission::kOverloadActionCount; ++i) {
      const auto action = static_cast<admission::OverloadAction>(i);
      samples.push_back({resource, listener, admission::ToString(action), actions.Has(action)});
    }
  };
  if (admission_.memory.limit() > 0) add("buffers", "", admission_.memory.UpdateOverload());
  const std::lock_guard lock(published_mutex_);
  for (size_t i = 0; i < published_.listening.size(); ++i) {
    admission::Budget& connections = published_.listening[i].gate->connections();
    if (connections.limit() == 0) continue;
    add("connections", published_.snapshot->listeners()[i].name, connections.UpdateOverload());
  }
  return samples;
}

std::optional<base::SocketAddress> Server::ListenerAddress(std::string_view listener) const {
  const std::lock_guard lock(published_mutex_);
  if (!published_.snapshot) return std::nullopt;
  const auto& listeners = published_.snapshot->listeners();
  for (size_t i = 0; i < listeners.size(); ++i) {
    if (listeners[i].name == listener) return published_.listening[i].sockets->address();
  }
  return std::nullopt;
}

std::optional<base::SocketAddress> Server::telemetry_address() const {
  return telemetry_server_ ? std::optional(telemetry_server_->address()) : std::nullopt;
}

std::optional<base::SocketAddress> Server::admin_address() const {
  return admin_server_ ? std::optional(admin_server_->address()) : std::nullopt;
}

std::string Server::RenderMetrics() {
  return collector_->Render();
}

void Server::WakeWorkers() {
  // Two turns of each loop: deadlines fire between them, and only the second shows that they have. It is
  // asked for from within the first, which spares everybody a wake-up. And all of it twice: a drain asks the
  // workers who is open, and tells them then who is to go.
  const auto turn_twice = [](auto& thread, std::latch& seen) {
    thread.Post([&seen, &thread] { thread.Post([&seen] { seen.count_down(); }); });
  };
  for (int round = 0; round < 2; ++round) {
    std::latch kept(1);
    turn_twice(housekeeping_, kept);
    kept.wait();
    std::latch seen(static_cast<ptrdiff_t>(workers_.size()));
    for (const auto& worker : workers_) turn_twice(*worker, seen);
    seen.wait();
  }
}

}  // namespace fairlead::app
