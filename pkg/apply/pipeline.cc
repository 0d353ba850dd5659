#include "pkg/apply/pipeline.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "pkg/apply/summary.h"
#include "pkg/config/messages.h"
#include "pkg/config/quote.h"

namespace fairlead::apply {
namespace {

// A worker that is as far behind takes apart what it has itself.
constexpr size_t kMaxPublished = 16;

// Two callers that chose the same id have not sent the same request.
std::string RequestKey(const Change& change) {
  return fmt::format("{}\n{}", change.origin.ToString(), change.request_id);
}

// Listeners and clusters that cannot be used until somebody brings a key.
std::vector<std::string> WaitingForKeys(const snapshot::Snapshot& snapshot) {
  std::vector<std::string> waiting;
  for (const snapshot::Listener& listener : snapshot.listeners()) {
    if (listener.wants_tls && listener.tls == nullptr) waiting.push_back("listener " + listener.name);
  }
  for (const auto& cluster : snapshot.clusters()) {
    if (cluster->wants_tls() && cluster->tls() == nullptr) waiting.push_back("cluster " + cluster->name());
  }
  return waiting;
}

}  // namespace

Pipeline::Pipeline(const Options& options, Outputs outputs, StatusBoard& board)
    : options_(options),
      outputs_(std::move(outputs)),
      board_(board),
      etags_(options.etag_epoch),
      ownership_(options.bootstrap.control.owner),
      listeners_(*options.clock, options.workers, options.process, options.seed),
      certificates_(*options.clock, options.stats) {}

std::vector<config::Violation> Pipeline::OpenSecretDirectory() {
  const std::string& directory = options_.bootstrap.control.secret_dir;
  if (directory.empty()) return {};
  const absl::Status status = certificates_.OpenDirectory(directory);
  if (status.ok()) return {};
  return {{"control.secret_dir", 0, std::string(status.message()),
           "name a directory of this process's own on a tmpfs"}};
}

std::vector<config::Violation> Pipeline::Prepare(const config::Config& config,
                                                 Certificates::MissingKeys missing) {
  std::vector<config::Violation> violations = certificates_.Prepare(config, missing);
  for (const auto& more : {sticky_.Prepare(config), listeners_.Prepare(config)}) {
    violations.insert(violations.end(), more.begin(), more.end());
  }
  return violations;
}

// What is in force, with what is known of names and certificates now.
std::shared_ptr<const snapshot::Snapshot> Pipeline::CompileAgain() const {
  return snapshot::Compile(state_.config, names_.resolved(), snapshot_.get(), *options_.endpoints, revision_,
                           certificates_.For(*state_.config));
}

void Pipeline::RefreshCertificates() {
  if (!certificates_.Refresh(*state_.config)) {
    if (warnings_.Due(options_.clock->Now())) Warn();
    return;
  }
  snapshot_ = CompileAgain();
  Warn();
  WriteBoard();
  Publish();
}

void Pipeline::Apply(std::vector<Waiting> waiting) {
  Draft draft(state_, DraftContext());
  Batch batch;
  for (Waiting& one : waiting) Admit(std::move(one), &draft, &batch);
  Commit(std::move(draft), &batch);
  // Who asks what would be waits for those who change something, never the other way round.
  for (Judged& judged : batch.changes) {
    if (!judged.change.validate_only) Finish(std::move(judged));
  }
  for (Judged& judged : batch.changes) {
    if (!judged.change.validate_only) continue;
    DryRun(&judged);
    Finish(std::move(judged));
  }
}

void Pipeline::SetResolved(const std::string& cluster, const std::string& name,
                           std::vector<base::IpAddress> addresses) {
  if (!names_.Resolved(cluster, name, std::move(addresses))) return;
  snapshot_ = CompileAgain();
  WriteBoard();
  Publish();
}

void Pipeline::Admit(Waiting waiting, Draft* draft, Batch* batch) {
  config::Checked<Change> made = waiting.make();
  Judged judged;
  if (!made.value) {
    judged.answer = Answer::Refusal(Verdict::kInvalid, std::move(made.violations));
    judged.change.origin = std::move(waiting.origin);
  } else {
    judged.change = *std::move(made.value);
    judged.change.origin = std::move(waiting.origin);
    if (AnswerRepeated(judged.change, &waiting.reply, batch)) return;
    if (!judged.change.validate_only) {
      Judge(&judged, draft, [this](const config::Config& config) { return Prepare(config); });
    }
  }
  judged.replies.push_back(std::move(waiting.reply));
  batch->changes.push_back(std::move(judged));
}

bool Pipeline::AnswerRepeated(const Change& change, Reply* reply, Batch* batch) {
  if (change.request_id.empty()) return false;
  const std::string key = RequestKey(change);
  if (const auto* known = requests_.Find(key, options_.clock->Now())) {
    if (known->fingerprint == change.request_fingerprint) {
      Answer answer = known->answer;
      answer.repeated = true;
      (*reply)(std::move(answer));
    } else {
      RefuseReusedId(change, reply);
    }
    return true;
  }
  const auto [place, first] = batch->by_request_id.try_emplace(key, batch->changes.size());
  if (first) return false;
  Judged& original = batch->changes[place->second];
  if (original.change.request_fingerprint == change.request_fingerprint) {
    original.replies.push_back(std::move(*reply));
  } else {
    RefuseReusedId(change, reply);
  }
  return true;
}

void Pipeline::RefuseReusedId(const Change& change, Reply* reply) {
  Answer answer = Answer::Refusal(
      Verdict::kInvalid,
      {{"options.request_id", 0, "has been used for another request", "make a new one for each change"}});
  answer.revision = revision_;
  if (!change.validate_only) CountRefused(change.origin, answer.message);
  (*reply)(std::move(answer));
}

void Pipeline::Judge(Judged* judged, Draft* draft, Draft::Prepare prepare) {
  const Change& change = judged->change;
  const base::WallTime now = options_.clock->WallNow();
  const bool anybodys = draft->IsAnybodys(change);
  if (auto refusal = ownership_.Refuse(change, anybodys, now)) {
    judged->answer = *std::move(refusal);
    return;
  }
  if (auto refusal = fencing_.Refuse(change, anybodys)) {
    judged->answer = *std::move(refusal);
    return;
  }
  judged->answer = draft->Take(change, prepare);
  if (!judged->answer.applied() || change.validate_only) return;
  judged->confirms = !anybodys && change.origin.source == ownership_.configured();
  ownership_.Prepare(change, now);
  fencing_.Prepare(change, anybodys);
}

// On disk before they count: else a restart would forget that they were seen.
absl::Status Pipeline::SaveFencingTokens(const config::Config& config) {
  const std::optional<FencingTokens> tokens = fencing_.ToKeep(config);
  return tokens && store_ != nullptr ? store_->SaveFencingTokens(*tokens) : absl::OkStatus();
}

Pipeline::Compiled Pipeline::Compile(Draft draft) const {
  Compiled compiled{.state = std::move(draft).Finish(),
                    .names = names_,
                    .names_changed = false,
                    .snapshot = nullptr,
                    .impact = nullptr};
  compiled.names_changed = compiled.names.Update(*compiled.state.config);
  compiled.snapshot =
      snapshot::Compile(compiled.state.config, compiled.names.resolved(), snapshot_.get(),
                        *options_.endpoints, newest_revision_ + 1, certificates_.For(*compiled.state.config));
  compiled.impact = std::make_shared<const Impact>(CompareSnapshots(snapshot_.get(), *compiled.snapshot));
  return compiled;
}

void Pipeline::Commit(Draft draft, Batch* batch) {
  std::set<std::string> sources;
  bool confirmed = false;
  size_t applied = 0;
  for (const Judged& judged : batch->changes) {
    if (judged.change.validate_only || !judged.answer.applied()) continue;
    ++applied;
    sources.insert(judged.change.origin.ToString());
    confirmed = confirmed || judged.confirms;
  }
  auto impact = std::make_shared<const Impact>();
  absl::Status status;
  if (draft.changed()) {
    status = PutInForce(std::move(draft), fmt::format("{}", fmt::join(sources, ", ")), confirmed, &impact);
  } else if (!sources.empty()) {
    status = SaveFencingTokens(*state_.config);
    if (status.ok()) Accept(confirmed, *state_.config);
    WriteBoard();
  }
  Abandon();
  for (Judged& judged : batch->changes) {
    if (judged.change.validate_only || !judged.answer.applied()) continue;
    if (status.ok()) {
      judged.answer.impact = impact;
      judged.answer.others = impact->changed_total == 0 ? 0 : applied - 1;
    } else {
      judged.answer = Answer::Refusal(
          Verdict::kFailed, {{"control.state_dir", 0, std::string(status.message()),
                              "see to it that the directory is there, can be written to and has room"}});
    }
  }
}

// The draft as the next revision. Nothing has changed where it fails.
absl::Status Pipeline::PutInForce(Draft draft, std::string sources, bool confirmed,
                                  std::shared_ptr<const Impact>* impact) {
  Compiled compiled = Compile(std::move(draft));
  const RevisionInfo info{.revision = newest_revision_ + 1,
                          .applied_at = options_.clock->WallNow(),
                          .source = std::move(sources),
                          .summary = Summarize(*compiled.impact)};
  if (absl::Status status = SaveFencingTokens(*compiled.state.config); !status.ok()) return status;
  if (absl::Status status = certificates_.StoreKeys(*compiled.state.config); !status.ok()) return status;
  if (absl::Status status = Persist(compiled.state, info); !status.ok()) return status;
  *impact = compiled.impact;
  Accept(confirmed, *compiled.state.config);
  Enact(std::move(compiled), info);
  return absl::OkStatus();
}

// What goes with a batch whether or not it makes a revision.
void Pipeline::Accept(bool confirmed, const config::Config& config) {
  ownership_.Keep();
  if (auto tokens = fencing_.ToKeep(config)) fencing_.Keep(*std::move(tokens));
  if (confirmed) stale_ = false;
}

// What was prepared and did not come into force.
void Pipeline::Abandon() {
  listeners_.Abandon();
  sticky_.Abandon();
  certificates_.Abandon();
  ownership_.Abandon();
  fencing_.Abandon();
}

absl::Status Pipeline::Persist(const State& state, const RevisionInfo& info) {
  KeptRevision kept{.info = info,
                    .etag = state.etag,
                    .membership = state.membership,
                    .fleet = state.fleet,
                    .config = config::Serialize(*state.config)};
  uint64_t replaced = 0;
  if (const KeptRevision* alike = history_.NewestAlike(kept.etag)) {
    replaced = alike->info.revision;
    kept.info.source = alike->info.source;
    kept.info.summary = alike->info.summary;
  }
  if (store_ != nullptr) {
    if (absl::Status status = store_->Save(kept, replaced); !status.ok()) return status;
  }
  history_.Add(std::move(kept));
  return absl::OkStatus();
}

void Pipeline::Enact(Compiled compiled, const RevisionInfo& info) {
  state_ = std::move(compiled.state);
  names_ = std::move(compiled.names);
  snapshot_ = std::move(compiled.snapshot);
  newest_revision_ = revision_ = info.revision;
  applied_at_ = info.applied_at;
  listeners_.Keep(*state_.config);
  sticky_.Keep(*state_.config);
  certificates_.Keep(*state_.config);
  if (compiled.names_changed) outputs_.watch_names(names_.names());
  options_.stats->ConfigApplied(revision_, applied_at_);
  Warn();
  WriteBoard();
  Publish();
}

void Pipeline::Warn() {
  warnings_.Tell(WarningsOf(*state_.config, certificates_.For(*state_.config), options_.clock->WallNow()),
                 options_.clock->Now());
}

void Pipeline::DryRun(Judged* judged) {
  Draft draft(state_, DraftContext());
  // Sockets are not bound for it, but certificates are looked at: that costs nobody anything.
  Judge(judged, &draft, [this](const config::Config& config) { return certificates_.Prepare(config); });
  if (judged->answer.applied()) {
    judged->answer.etag.clear();  // of a state that will never be
    judged->answer.impact =
        draft.changed() ? Compile(std::move(draft)).impact : std::make_shared<const Impact>();
  }
  certificates_.Abandon();
}

void Pipeline::Finish(Judged judged) {
  Answer& answer = judged.answer;
  answer.revision = revision_;
  if (!judged.change.validate_only) {
    if (answer.applied()) {
      board_.Accepted(judged.change.origin);
    } else if (answer.verdict != Verdict::kNotPermitted) {
      CountRefused(judged.change.origin, answer.message);
    }
  }
  // What was refused because of how things stood may be granted when they stand otherwise.
  const bool lasting = answer.applied() || answer.verdict == Verdict::kInvalid;
  if (!judged.change.request_id.empty() && lasting) {
    requests_.Add(RequestKey(judged.change), {judged.change.request_fingerprint, answer},
                  options_.clock->Now());
  }
  for (Reply& reply : judged.replies) {
    reply(answer);
    answer.repeated = true;
  }
}

void Pipeline::CountRefused(const Origin& origin, const std::string& message) {
  constexpr size_t kMaxBytes = 4096;
  board_.Refused(origin, config::Printable(fmt::format("{}: {}", origin.ToString(), message), kMaxBytes));
  switch (origin.source) {
    case config::Owner::kFile:
      return options_.stats->ConfigFileRejected();
    case config::Owner::kPush:
      return options_.stats->ConfigPushRejected();
    case config::Owner::kFleet:
      return options_.stats->ConfigFleetRejected();
  }
}

Draft::Context Pipeline::DraftContext() {
  return {.bootstrap = options_.bootstrap,
          .history = history_,
          .etags = etags_,
          .revision = newest_revision_ + 1,
          .waits_for_keys = certificates_.waits_for_keys()};
}

void Pipeline::ReleaseBefore(uint64_t revision) {
  while (!published_.empty() && published_.front()->revision() < revision) published_.pop_front();
}

void Pipeline::Publish() {
  for (const auto& cluster : snapshot_->clusters()) cluster->Enforce();
  published_.push_back(snapshot_);
  if (published_.size() > kMaxPublished) published_.pop_front();
  outputs_.publish(
      {.snapshot = snapshot_, .listening = listeners_.listening(), .sealers = sticky_.sealers()});
}

void Pipeline::WriteBoard() {
  options_.stats->SetConfigStale(stale_);
  board_.Write({.in_force = {.config = state_.config,
                             .snapshot = snapshot_,
                             .sealers = sticky_.sealers(),
                             .revision = revision_,
                             .etag = state_.etag,
                             .membership = std::make_shared<const MembershipMarks>(state_.membership)},
                .ownership = ownership_,
                .applied_at = applied_at_,
                .stale = stale_,
                .waiting_for_keys = WaitingForKeys(*snapshot_),
                .fleet = state_.fleet,
                .revisions = history_.List()});
}

}  // namespace fairlead::apply
