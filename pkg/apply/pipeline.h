#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/apply/certificates.h"
#include "pkg/apply/change.h"
#include "pkg/apply/draft.h"
#include "pkg/apply/etags.h"
#include "pkg/apply/fencing.h"
#include "pkg/apply/history.h"
#include "pkg/apply/listeners.h"
#include "pkg/apply/ownership.h"
#include "pkg/apply/publication.h"
#include "pkg/apply/request_memory.h"
#include "pkg/apply/state_store.h"
#include "pkg/apply/status_board.h"
#include "pkg/apply/sticky_secrets.h"
#include "pkg/apply/warnings.h"
#include "pkg/apply/watched_names.h"
#include "pkg/config/load.h"
#include "pkg/endpoint/registry.h"
#include "pkg/telemetry/process_stats.h"

namespace fairlead::apply {

// All that happens to changes on the apply thread, in order: judge each, compile, persist, publish, answer.
class Pipeline {
 public:
  struct Options {
    config::Bootstrap bootstrap;       // what the process was started with
    config::Overrides overrides = {};  // of every file that is read
    size_t workers = 1;
    admission::Process* process;  // never null
    endpoint::Registry* endpoints;
    telemetry::ProcessStats* stats;
    const base::Clock* clock;
    uint64_t seed = 0;            // of chance
    uint64_t etag_epoch = 0;      // random: tells this process's etags from another's
    size_t max_waiting = 10'000;  // changes; one more is answered with kBusy
    // Of their requests; one that comes while nothing waits may be larger.
    size_t max_waiting_bytes = 256 << 20;
    // The same for dry runs, which wait beside them and compile each by itself.
    size_t max_dry_runs = 32;
    size_t max_dry_run_bytes = 64 << 20;
  };

  // All are called on the apply thread. What they refer to outlives this.
  struct Outputs {
    // To every worker; each then calls Applier::Installed.
    std::function<void(const Publication&)> publish;
    // The whole list, whenever it has changed.
    std::function<void(std::vector<WatchedName>)> watch_names;
  };

  // A change that waits for its turn.
  struct Waiting {
    Origin origin;
    // Makes it, at its turn: a file is read then.
    absl::AnyInvocable<config::Checked<Change>()> make;
    Reply reply;
    size_t bytes = 0;  // of the request
  };

  Pipeline(const Options& options, Outputs outputs, StatusBoard& board);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // See Applier::Start.
  std::vector<config::Violation> Start(config::File file);
  // One batch: at most one revision.
  void Apply(std::vector<Waiting> waiting);
  void SetResolved(const std::string& cluster, const std::string& name,
                   std::vector<base::IpAddress> addresses);
  // Whether RefreshCertificates has anything to look at. It is to be called a few times a second then: when
  // the files have changed what they hold is published, which is no change of configuration either.
  bool watches_files() const { return certificates_.watches_files(); }
  void RefreshCertificates();
  // Every worker runs that revision.
  void ReleaseBefore(uint64_t revision);

  // Counts a change that is refused, and remembers it as the last one. Any thread.
  void CountRefused(const Origin& origin, const std::string& message);

 private:
  // A change of the batch.
  struct Judged {
    Change change;
    Answer answer;
    bool confirms = false;       // by the owner, and not only endpoints that anybody may change
    std::vector<Reply> replies;  // a request that is repeated while it waits gets the same answer
  };
  struct Batch {
    std::vector<Judged> changes;
    std::unordered_map<std::string, size_t> by_request_id;  // and caller
  };
  // A draft, compiled.
  struct Compiled {
    State state;
    WatchedNames names;
    bool names_changed = false;
    std::shared_ptr<const snapshot::Snapshot> snapshot;
    std::shared_ptr<const Impact> impact;
  };

  std::vector<config::Violation> OpenStateDirectory(std::vector<KeptRevision>* kept);
  std::vector<config::Violation> OpenSecretDirectory();
  std::shared_ptr<const snapshot::Snapshot> CompileAgain() const;
  bool Restore(const KeptRevision& kept, std::vector<config::Violation>* violations);
  std::vector<config::Violation> Prepare(
      const config::Config& config, Certificates::MissingKeys missing = Certificates::MissingKeys::kRefuse);
  void Admit(Waiting waiting, Draft* draft, Batch* batch);
  bool AnswerRepeated(const Change& change, Reply* reply, Batch* batch);
  void RefuseReusedId(const Change& change, Reply* reply);
  void Judge(Judged* judged, Draft* draft, Draft::Prepare prepare);
  absl::Status SaveFencingTokens(const config::Config& config);
  Compiled Compile(Draft draft) const;
  void Commit(Draft draft, Batch* batch);
  absl::Status PutInForce(Draft draft, std::string sources, bool confirmed,
                          std::shared_ptr<const Impact>* impact);
  void Accept(bool confirmed, const config::Config& config);
  absl::Status Persist(const State& state, const RevisionInfo& info);
  void Enact(Compiled compiled, const RevisionInfo& info);
  void Abandon();
  void DryRun(Judged* judged);
  void Finish(Judged judged);
  Draft::Context DraftContext();
  void Warn();
  void Publish();
  void WriteBoard();

  const Options options_;
  const Outputs outputs_;
  StatusBoard& board_;

  State state_;
  uint64_t revision_ = 0;         // in force
  uint64_t newest_revision_ = 0;  // that has a number, in force or not
  base::WallTime applied_at_;
  bool stale_ = false;
  std::shared_ptr<const snapshot::Snapshot> snapshot_;
  // What workers may still have, the oldest first: taking tens of thousands of endpoints apart is not for
  // them.
  std::deque<std::shared_ptr<const snapshot::Snapshot>> published_;
  Etags etags_;
  Ownership ownership_;
  Fencing fencing_;
  History history_;
  RequestMemory requests_;
  std::unique_ptr<StateStore> store_;  // null = nothing is kept on disk
  Listeners listeners_;
  StickySecrets sticky_;
  Certificates certificates_;
  WatchedNames names_;
  WarningLog warnings_;
};

}  // namespace fairlead::apply
