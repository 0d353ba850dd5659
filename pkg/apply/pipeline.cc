#include "pkg/apply/pipeline.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "pkg/apply/summary.h"
#include "pkg/config/messages.h"
#include "pkg/telemetry/log.h"

namespace fairlead::apply {
namespace {

// A worker that is as far behind takes apart what it has itself.
constexpr size_t kMaxPublished = 16;

std::vector<config::Violation> PrepareNothing(const config::Config&) {
  return {};
}

// Clusters of a configuration that was kept before marks were, if any, have one from now on.
void FillInMarks(uint64_t revision, Etags* etags, State* state) {
  for (const config::Cluster& cluster : state->config->clusters) {
    if (cluster.dns || state->membership.contains(cluster.name)) continue;
    state->membership[cluster.name] = {etags->Next(), revision};
  }
}

}  // namespace

Pipeline::Pipeline(const Options& options, Outputs outputs, StatusBoard& board)
    : options_(options),
      outputs_(std::move(outputs)),
      board_(board),
      etags_(options.etag_epoch),
      ownership_(options.bootstrap.control.owner),
      listeners_(options.workers, options.process_budget, options.seed) {}

std::vector<config::Violation> Pipeline::Start(config::File file) {
  std::vector<KeptRevision> kept;
  if (auto violations = OpenStateDirectory(&kept); !violations.empty()) return violations;
  for (const KeptRevision& revision : kept) history_.Add(revision);
  if (ownership_.configured() != config::Owner::kFile) {
    std::vector<config::Violation> violations;
    for (auto newest = kept.rbegin(); newest != kept.rend(); ++newest) {
      if (Restore(*newest, &violations)) return violations;
    }
  }
  Draft draft(state_, DraftContext());
  Batch batch;
  Judged& first = batch.changes.emplace_back();
  first.change.what = ReplaceConfig{std::move(file.config)};
  first.confirms = true;
  first.answer = draft.Take(first.change, [&](const auto& config) { return Prepare(config); });
  if (first.answer.applied()) Commit(std::move(draft), &batch);
  if (first.answer.verdict == Verdict::kFailed && first.answer.violations.empty()) {
    return {{"control.state_dir", 0, first.answer.message, "name a directory that can be written to"}};
  }
  return std::move(first.answer.violations);
}

std::vector<config::Violation> Pipeline::OpenStateDirectory(std::vector<KeptRevision>* kept) {
  const config::Control& control = options_.bootstrap.control;
  if (control.state_dir.empty()) return {};
  const auto violation = [](const absl::Status& status) -> std::vector<config::Violation> {
    return {
        {"control.state_dir", 0, std::string(status.message()), "name a directory of this process's own"}};
  };
  auto store = StateStore::Open(control.state_dir);
  if (!store.ok()) return violation(store.status());
  const auto token = (*store)->LoadFencingToken();
  if (!token.ok()) return violation(token.status());
  store_ = *std::move(store);
  ownership_ = Ownership(control.owner, *token);
  *kept = store_->Load();
  newest_revision_ = store_->HighestRevision();
  return {};
}

// False when this program does not understand it: an older one may do.
bool Pipeline::Restore(const KeptRevision& kept, std::vector<config::Violation>* violations) {
  config::Checked<config::Config> config = config::Parse(kept.config, options_.bootstrap);
  if (!config.value) {
    telemetry::LogWarning(fmt::format("revision {} of the state directory is passed over: {}",
                                      kept.info.revision, config.violations.front().ToString()));
    return false;
  }
  *violations = Prepare(*config.value);
  if (!violations->empty()) return true;
  State state{.config = std::make_shared<const config::Config>(*std::move(config.value)),
              .etag = kept.etag,
              .membership = kept.membership,
              .fleet = kept.fleet};
  FillInMarks(kept.info.revision, &etags_, &state);
  state_ = std::move(state);
  revision_ = kept.info.revision;
  applied_at_ = kept.info.applied_at;
  stale_ = true;
  telemetry::LogWarning(
      fmt::format("serving revision {} from the state directory until its owner confirms it", revision_));
  if (names_.Update(*state_.config)) outputs_.watch_names(names_.names());
  listeners_.Keep(*state_.config);
  sticky_.Keep(*state_.config);
  snapshot_ = snapshot::Compile(state_.config, names_.resolved(), nullptr, *options_.endpoints, revision_);
  options_.stats->ConfigApplied(revision_, applied_at_);
  WriteBoard();
  Publish();
  return true;
}

std::vector<config::Violation> Pipeline::Prepare(const config::Config& config) {
  std::vector<config::Violation> violations = sticky_.Prepare(config);
  std::vector<config::Violation> unbound = listeners_.Prepare(config);
  violations.insert(violations.end(), unbound.begin(), unbound.end());
  return violations;
}

void Pipeline::Apply(std::vector<Waiting> waiting) {
  Draft draft(state_, DraftContext());
  Batch batch;
  for (Waiting& one : waiting) Admit(std::move(one), &draft, &batch);
  Commit(std::move(draft), &batch);
  for (Judged& judged : batch.changes) {
    if (judged.change.validate_only) DryRun(&judged);
  }
  for (Judged& judged : batch.changes) Finish(std::move(judged));
}

void Pipeline::SetResolved(const std::string& cluster, std::vector<base::IpAddress> addresses) {
  if (!names_.Resolved(cluster, std::move(addresses))) return;
  snapshot_ =
      snapshot::Compile(state_.config, names_.resolved(), snapshot_.get(), *options_.endpoints, revision_);
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
  if (const auto* known = requests_.Find(change.request_id, options_.clock->Now())) {
    if (known->fingerprint == change.request_fingerprint) {
      (*reply)(known->answer);
    } else {
      RefuseReusedId(change, reply);
    }
    return true;
  }
  const auto [place, first] = batch->by_request_id.try_emplace(change.request_id, batch->changes.size());
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
  if (!change.validate_only && ownership_.HasNewToken(change)) {
    if (const absl::Status status = TakeFencingToken(change); !status.ok()) {
      judged->answer = Answer::Refusal(Verdict::kFailed, std::string(status.message()));
      return;
    }
  }
  judged->answer = draft->Take(change, prepare);
  if (!judged->answer.applied() || change.validate_only) return;
  judged->confirms = !anybodys;
  ownership_.Prepare(change, now);
}

// On disk before it counts: else a restart would forget that it was seen.
absl::Status Pipeline::TakeFencingToken(const Change& change) {
  if (store_ != nullptr) {
    if (absl::Status status = store_->SaveFencingToken(change.fencing_token); !status.ok()) return status;
  }
  ownership_.TakeToken(change);
  return absl::OkStatus();
}

Pipeline::Compiled Pipeline::Compile(Draft draft) const {
  Compiled compiled{.state = std::move(draft).Finish(),
                    .names = names_,
                    .names_changed = false,
                    .snapshot = nullptr,
                    .impact = nullptr};
  compiled.names_changed = compiled.names.Update(*compiled.state.config);
  compiled.snapshot = snapshot::Compile(compiled.state.config, compiled.names.resolved(), snapshot_.get(),
                                        *options_.endpoints, newest_revision_ + 1);
  compiled.impact = std::make_shared<const Impact>(CompareSnapshots(snapshot_.get(), *compiled.snapshot));
  return compiled;
}

void Pipeline::Commit(Draft draft, Batch* batch) {
  std::set<std::string> sources;
  bool confirmed = false;
  for (const Judged& judged : batch->changes) {
    if (judged.change.validate_only || !judged.answer.applied()) continue;
    sources.insert(judged.change.origin.ToString());
    confirmed = confirmed || judged.confirms;
  }
  auto impact = std::make_shared<const Impact>();
  absl::Status status;
  if (draft.changed()) {
    status = PutInForce(std::move(draft), fmt::format("{}", fmt::join(sources, ", ")), confirmed, &impact);
  } else if (!sources.empty()) {
    Accept(confirmed);
    WriteBoard();
  }
  Abandon();
  for (Judged& judged : batch->changes) {
    if (judged.change.validate_only || !judged.answer.applied()) continue;
    if (status.ok()) {
      judged.answer.impact = impact;
    } else {
      judged.answer = Answer::Refusal(Verdict::kFailed, std::string(status.message()));
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
  if (absl::Status status = Persist(compiled.state, info); !status.ok()) return status;
  *impact = compiled.impact;
  Accept(confirmed);
  Enact(std::move(compiled), info);
  return absl::OkStatus();
}

// What goes with a batch whether or not it makes a revision.
void Pipeline::Accept(bool confirmed) {
  ownership_.Keep();
  if (confirmed) stale_ = false;
}

// What was prepared and did not come into force.
void Pipeline::Abandon() {
  listeners_.Abandon();
  sticky_.Abandon();
  ownership_.Abandon();
}

absl::Status Pipeline::Persist(const State& state, const RevisionInfo& info) {
  KeptRevision kept{.info = info,
                    .etag = state.etag,
                    .membership = state.membership,
                    .fleet = state.fleet,
                    .config = config::Serialize(*state.config)};
  if (store_ != nullptr) {
    if (absl::Status status = store_->Save(kept); !status.ok()) return status;
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
  if (compiled.names_changed) outputs_.watch_names(names_.names());
  options_.stats->ConfigApplied(revision_, applied_at_);
  WriteBoard();
  Publish();
}

void Pipeline::DryRun(Judged* judged) {
  Draft draft(state_, DraftContext());
  Judge(judged, &draft, PrepareNothing);
  if (!judged->answer.applied()) return;
  judged->answer.etag.clear();  // of a state that will never be
  judged->answer.impact =
      draft.changed() ? Compile(std::move(draft)).impact : std::make_shared<const Impact>();
}

void Pipeline::Finish(Judged judged) {
  Answer& answer = judged.answer;
  answer.revision = revision_;
  if (!judged.change.validate_only) {
    if (answer.applied()) {
      board_.Accepted();
    } else if (answer.verdict != Verdict::kNotPermitted) {
      CountRefused(judged.change.origin, answer.message);
    }
  }
  const std::string& id = judged.change.request_id;
  if (!id.empty() && answer.verdict != Verdict::kFailed) {
    requests_.Add(id, {judged.change.request_fingerprint, answer}, options_.clock->Now());
  }
  for (Reply& reply : judged.replies) reply(answer);
}

void Pipeline::CountRefused(const Origin& origin, const std::string& message) {
  board_.Refused(fmt::format("{}: {}", origin.ToString(), message));
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
          .revision = newest_revision_ + 1};
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
                             .etag = state_.etag},
                .ownership = ownership_,
                .applied_at = applied_at_,
                .stale = stale_,
                .fleet = state_.fleet,
                .revisions = history_.List()});
}

}  // namespace fairlead::apply
