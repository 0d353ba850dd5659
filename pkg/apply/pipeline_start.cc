#include <fmt/format.h>

#include <memory>
#include <utility>

#include "pkg/apply/pipeline.h"
#include "pkg/config/messages.h"
#include "pkg/telemetry/log.h"

namespace fairlead::apply {
namespace {

// Clusters of a configuration that was kept before marks were, if any, have one from now on.
void FillInMarks(uint64_t revision, Etags* etags, State* state) {
  for (const config::Cluster& cluster : state->config->clusters) {
    if (cluster.dns || state->membership.contains(cluster.name)) continue;
    state->membership[cluster.name] = {etags->Next(), revision};
  }
}

}  // namespace

std::vector<config::Violation> Pipeline::Start(config::File file) {
  std::vector<KeptRevision> kept;
  if (auto violations = OpenSecretDirectory(); !violations.empty()) return violations;
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
  auto tokens = (*store)->LoadFencingTokens(control.owner);
  if (!tokens.ok()) {
    return {{"control.state_dir", 0, std::string(tokens.status().message()),
             "remove that file, once no leader is left that must not change anything any more"}};
  }
  store_ = *std::move(store);
  fencing_ = Fencing(*std::move(tokens));
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
  *violations = Prepare(*config.value, Certificates::MissingKeys::kWaitFor);
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
  certificates_.Keep(*state_.config);
  Warn();
  snapshot_ = CompileAgain();
  options_.stats->ConfigApplied(revision_, applied_at_);
  WriteBoard();
  Publish();
  return true;
}

}  // namespace fairlead::apply
