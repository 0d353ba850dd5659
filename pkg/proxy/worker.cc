#include "pkg/proxy/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "pkg/telemetry/log.h"

namespace fairlead::proxy {
namespace {

constexpr base::Duration kBeat{1000};
constexpr base::Duration kFastBeat = base::DeadlineWheel::kTick;

}  // namespace

// Wakes the worker for what is done by the clock: figures once a second, a drain's next step.
class Worker::Heartbeat final : public base::DeadlineWheel::Entry {
 public:
  explicit Heartbeat(Worker& worker) : worker_(worker) {}
  void OnDeadline(base::MonotonicTime now) override { worker_.Beat(now); }

 private:
  Worker& worker_;
};

Worker::Worker(const Options& options)
    : number_(options.number),
      stats_(*options.stats, static_cast<int>(options.number)),
      memory_(*options.memory),
      tls_([this](absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); },
           [this]() -> base::DeadlineWheel& { return loop_.deadlines(); }, options.tls_records_per_key),
      loop_(options.timeout_clock),
      random_(options.seed),
      tunnels_(loop_, *options.clock, random_, stats_, options.access_log),
      context_{.loop = loop_,
               .tls = tls_,
               .clock = *options.clock,
               .random = random_,
               .stats = stats_,
               .access_log = options.access_log,
               .access_log_mode = options.access_log_mode,
               .tunnels = tunnels_,
               .stage = DrainStage::kServing,
               .sealers = std::make_shared<const sticky::Sealers>(),
               .next_id = (options.number + 1) << 48},
      heartbeat_(std::make_unique<Heartbeat>(*this)) {
  tunnels_.SetOnClosed([this] { CheckDrained(); });
}

Worker::~Worker() {
  loop_.Post([this] { loop_.Stop(); });
  if (thread_.joinable()) thread_.join();
}

void Worker::Start(const std::vector<std::unique_ptr<Worker>>& all) {
  all_ = &all;
  loop_.deadlines().Arm(*heartbeat_, loop_.Now() + kBeat);
  thread_ = std::thread([this] { loop_.Run(); });
}

void Worker::Install(apply::Publication publication) {
  loop_.Post([this, publication = std::move(publication)] { InstallHere(publication); });
}

void Worker::InstallHere(const apply::Publication& publication) {
  std::vector<std::unique_ptr<Listener>> before = std::exchange(listeners_, {});
  for (size_t i = 0; i < publication.listening.size(); ++i) {
    const apply::Listening& listening = publication.listening[i];
    const auto held = std::find_if(before.begin(), before.end(), [&](const auto& listener) {
      return listener && listener->Is(*listening.gate);
    });
    listeners_.push_back(held != before.end() ? std::move(*held) : MakeListener(listening));
    listeners_.back()->Update(publication.snapshot, i);
  }
  for (std::unique_ptr<Listener>& removed : before) {
    if (removed) Retire(std::move(removed));
  }
  context_.sealers = publication.sealers;
  BuryIdleRetired();
  PruneStats(*publication.snapshot);
}

std::unique_ptr<Listener> Worker::MakeListener(const apply::Listening& listening) {
  const std::vector<int>& fds = listening.sockets->fds();
  std::optional<int> fd;
  if (number_ < fds.size()) fd = fds[number_];
  Listener::Dealer dealer;
  if (fds.size() < all_->size()) {
    dealer = [this](const Listener::Source& source, int accepted, const base::SocketAddress& peer) {
      return Deal(source, accepted, peer);
    };
  }
  return std::make_unique<Listener>(context_, listening, fd, std::move(dealer));
}

void Worker::Retire(std::unique_ptr<Listener> listener) {
  listener->Retire();
  // From here on: it has no session for a moment, while it retires.
  listener->SetOnIdle([this] { BuryIdleRetired(); });
  retired_.push_back(std::move(listener));
}

bool Worker::Deal(const Listener::Source& source, int fd, const base::SocketAddress& peer) {
  Worker& taker = *(*all_)[next_dealt_++ % all_->size()];
  if (&taker == this) return false;
  taker.Post([&taker, source, fd, peer] { taker.TakeDealt(source, fd, peer); });
  return true;
}

void Worker::TakeDealt(const Listener::Source& source, int fd, const base::SocketAddress& peer) {
  for (const auto* list : {&listeners_, &retired_}) {
    for (const std::unique_ptr<Listener>& listener : *list) {
      if (listener->Is(*source.listening.gate)) return listener->Serve(fd, peer);
    }
  }
  // This worker has yet to hear of the listener, or its last session here went with the listener's removal.
  auto listener = std::make_unique<Listener>(context_, source.listening, std::nullopt, nullptr);
  listener->Update(source.snapshot, source.index);
  listener->Serve(fd, peer);
  Retire(std::move(listener));
  BuryIdleRetired();
}

void Worker::BuryIdleRetired() {
  for (std::unique_ptr<Listener>& listener : retired_) {
    if (listener->idle()) loop_.Bury(std::move(listener));
  }
  std::erase(retired_, nullptr);
  CheckDrained();
}

void Worker::PruneStats(const snapshot::Snapshot& snapshot) {
  absl::flat_hash_set<std::pair<std::string_view, std::string_view>> known;
  for (const config::VirtualHost& host : snapshot.config().virtual_hosts) {
    for (const config::Route& route : host.routes) {
      known.emplace(route.name, "");
      const auto* targets = std::get_if<std::vector<config::WeightedCluster>>(&route.action);
      if (targets == nullptr) continue;
      for (const config::WeightedCluster& target : *targets) known.emplace(route.name, target.name);
    }
  }
  stats_.Prune([&](std::string_view name) { return snapshot.FindListener(name) != nullptr; },
               [&](const telemetry::RouteLabels& labels) {
                 return known.contains({labels.route, labels.cluster});
               });
}

void Worker::Beat(base::MonotonicTime now) {
  telemetry::WorkerInstruments& instruments = stats_.instruments();
  instruments.loop_lag.Observe(loop_.lag());
  CountBuffers();
  CountTls();
  for (const auto& listener : listeners_) listener->FollowOverload();
  if (context_.stage != DrainStage::kServing) StepDrain(now);
  const bool calm = context_.stage == DrainStage::kServing && memory_.limit() == 0;
  loop_.deadlines().Arm(*heartbeat_, now + (calm ? kBeat : kFastBeat));
}

void Worker::CountBuffers() {
  const auto now = static_cast<int64_t>(loop_.buffered_bytes());
  stats_.instruments().buffered_bytes.Set(now);
  memory_.Add(now - std::exchange(buffered_, now));
  memory_.UpdateOverload();
  if (const auto news = memory_.trigger().TakeNews()) {
    telemetry::LogWarning(
        fmt::format("{} of at most {} bytes in buffers: {}", memory_.used(), memory_.limit(), *news));
  }
}

void Worker::CountTls() {
  telemetry::WorkerInstruments& instruments = stats_.instruments();
  const tls::Workspace::Counts& counts = tls_.counts();
  instruments.tls_handshakes.Add(counts.handshakes - instruments.tls_handshakes.value());
  instruments.tls_resumed.Add(counts.resumed - instruments.tls_resumed.value());
  instruments.tls_compact.Set(static_cast<int64_t>(counts.open_compact));
  instruments.tls_openssl.Set(static_cast<int64_t>(counts.open_openssl));
}

void Worker::Drain(config::Drain settings, std::function<void()> drained) {
  loop_.Post([this, settings, drained = std::move(drained)] {
    if (context_.stage != DrainStage::kServing) return;
    context_.stage = DrainStage::kDelay;
    drain_ = settings;
    drained_ = drained;
    drain_began_ = loop_.Now();
    loop_.deadlines().Arm(*heartbeat_, drain_began_ + std::min(drain_.delay, kFastBeat));
  });
}

void Worker::StepDrain(base::MonotonicTime now) {
  if (context_.stage == DrainStage::kDelay) {
    if (now < drain_began_ + drain_.delay) return;
    context_.stage = DrainStage::kWindow;
    for (const auto& listener : listeners_) listener->CloseIdleSessions();
    for (size_t i = retired_.size(); i-- > 0;) retired_[i]->CloseIdleSessions();
  }
  if (now >= drain_began_ + drain_.delay + drain_.window) {
    tunnels_.CutAll({.reason = telemetry::CloseReason::kDrainExpired,
                     .code = drain_.close_code,
                     .text = std::string(tunnel::kShuttingDown)});
    for (const auto& listener : listeners_) listener->CloseSessions();
    for (size_t i = retired_.size(); i-- > 0;) retired_[i]->CloseSessions();
  }
  BuryIdleRetired();
}

void Worker::CheckDrained() {
  const auto idle = [](const auto& listener) { return listener->idle(); };
  if (context_.stage != DrainStage::kWindow || !drained_ || tunnels_.size() > 0 || !retired_.empty() ||
      !std::all_of(listeners_.begin(), listeners_.end(), idle)) {
    return;
  }
  std::exchange(drained_, nullptr)();
}

}  // namespace fairlead::proxy
