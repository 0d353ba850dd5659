#include "pkg/apply/applier.h"

#include <fmt/format.h>

#include <utility>

#include "pkg/apply/audit.h"
#include "pkg/telemetry/log.h"

namespace fairlead::apply {
namespace {

// Tells in violations what an answer says.
Reply Replying(Applier::Done done) {
  return [done = std::move(done)](Answer answer) mutable {
    if (!answer.applied() && answer.violations.empty()) {
      answer.violations.push_back(
          {.path = "", .line = 0, .problem = answer.message, .remedy = "nothing was changed"});
    }
    done(std::move(answer.violations));
  };
}

Answer TooMany(std::string_view what, size_t waiting) {
  return Answer::Refusal(Verdict::kBusy, fmt::format("{} {} are waiting already", waiting, what));
}

}  // namespace

Applier::Applier(const Options& options, Outputs outputs)
    : options_(options),
      board_(options.workers, options.bootstrap.control.owner, options.clock),
      pipeline_(options_, std::move(outputs), board_),
      thread_([this] { loop_.Run(); }) {}

Applier::~Applier() {
  Stop();
}

void Applier::Stop() {
  if (!thread_.joinable()) return;
  loop_.Post([this] { loop_.Stop(); });
  thread_.join();
}

void Applier::Start(config::File file, Done done) {
  loop_.Post([this, file = std::move(file), done = std::move(done)]() mutable {
    done(pipeline_.Start(std::move(file)));
  });
}

void Applier::ApplyFile(std::string path, Done done) {
  Pipeline::Waiting waiting;
  waiting.origin = {.source = config::Owner::kFile, .who = path};
  waiting.make = [this, path] { return FromFile(config::LoadFile(path, options_.overrides)); };
  waiting.reply = [origin = waiting.origin, reply = Replying(std::move(done))](Answer answer) mutable {
    Audit(origin, "reload", answer);
    reply(std::move(answer));
  };
  Enqueue(std::move(waiting));
}

void Applier::Apply(config::File file, Done done) {
  Pipeline::Waiting waiting;
  waiting.make = [this, file = std::move(file)]() mutable {
    return FromFile({.file = std::move(file), .violations = {}});
  };
  waiting.reply = Replying(std::move(done));
  Enqueue(std::move(waiting));
}

void Applier::Submit(Change change, Reply reply) {
  Pipeline::Waiting waiting;
  waiting.origin = change.origin;
  const bool dry_run = change.validate_only;
  waiting.bytes = change.bytes;
  waiting.make = [change = std::move(change)]() mutable {
    return config::Checked<Change>{.value = std::move(change), .violations = {}};
  };
  waiting.reply = std::move(reply);
  if (dry_run) return EnqueueDryRun(std::move(waiting));
  Enqueue(std::move(waiting));
}

void Applier::SetResolved(std::string cluster, std::string name, std::vector<base::IpAddress> addresses) {
  loop_.Post([this, cluster = std::move(cluster), name = std::move(name),
              addresses = std::move(addresses)]() mutable {
    pipeline_.SetResolved(cluster, name, std::move(addresses));
  });
}

void Applier::Installed(size_t worker, uint64_t revision) {
  if (!board_.Installed(worker, revision)) return;
  loop_.Post([this, revision] { pipeline_.ReleaseBefore(revision); });
}

config::Checked<Change> Applier::FromFile(config::Loaded loaded) const {
  if (!loaded.file) return {.value = std::nullopt, .violations = std::move(loaded.violations)};
  WarnOfRestart(loaded.file->bootstrap);
  Change change;
  change.what = ReplaceConfig{std::move(loaded.file->config)};
  return {.value = std::move(change), .violations = {}};
}

void Applier::WarnOfRestart(const config::Bootstrap& wanted) const {
  const config::Bootstrap& running = options_.bootstrap;
  const auto check = [](bool same, std::string_view field) {
    if (same) return;
    telemetry::LogWarning(fmt::format("{}: has changed in the file, which needs a restart", field));
  };
  check(wanted.node == running.node, "node");
  check(wanted.telemetry == running.telemetry, "telemetry");
  check(wanted.admin == running.admin, "admin");
  check(wanted.access_log == running.access_log, "access_log");
  check(wanted.workers == running.workers, "workers");
  check(wanted.control == running.control, "control");
}

void Applier::Enqueue(Pipeline::Waiting waiting) {
  std::unique_lock lock(waiting_mutex_);
  const size_t before = waiting_.size();
  const size_t bytes = waiting_bytes_ + waiting.bytes;
  if (before >= options_.max_waiting || (before > 0 && bytes > options_.max_waiting_bytes)) {
    lock.unlock();
    Answer answer = TooMany("changes", before);
    pipeline_.CountRefused(waiting.origin, answer.message);
    return waiting.reply(std::move(answer));
  }
  waiting_.push_back(std::move(waiting));
  waiting_bytes_ = bytes;
  lock.unlock();
  if (before > 0) return;  // whoever came first has called for the batch
  loop_.Post([this] {
    std::vector<Pipeline::Waiting> batch;
    {
      const std::lock_guard lock(waiting_mutex_);
      batch = std::exchange(waiting_, {});
      waiting_bytes_ = 0;
    }
    pipeline_.Apply(std::move(batch));
  });
}

void Applier::EnqueueDryRun(Pipeline::Waiting waiting) {
  std::unique_lock lock(waiting_mutex_);
  const size_t before = dry_runs_.size();
  const size_t bytes = dry_run_bytes_ + waiting.bytes;
  if (before >= options_.max_dry_runs || (before > 0 && bytes > options_.max_dry_run_bytes)) {
    lock.unlock();
    return waiting.reply(TooMany("dry runs", before));
  }
  dry_runs_.push_back(std::move(waiting));
  dry_run_bytes_ = bytes;
  lock.unlock();
  if (before == 0) loop_.Post([this] { RunOneDryRun(); });
}

void Applier::RunOneDryRun() {
  std::vector<Pipeline::Waiting> one;
  size_t bytes = 0;
  {
    const std::lock_guard lock(waiting_mutex_);
    bytes = dry_runs_.front().bytes;
    one.push_back(std::move(dry_runs_.front()));
  }
  pipeline_.Apply(std::move(one));
  const std::lock_guard lock(waiting_mutex_);
  dry_runs_.pop_front();
  dry_run_bytes_ -= bytes;
  if (!dry_runs_.empty()) loop_.Post([this] { RunOneDryRun(); });
}

}  // namespace fairlead::apply
