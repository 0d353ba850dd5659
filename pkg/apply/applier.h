#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/apply/change.h"
#include "pkg/apply/pipeline.h"
#include "pkg/apply/status.h"
#include "pkg/apply/status_board.h"
#include "pkg/apply/watched_names.h"
#include "pkg/base/address.h"
#include "pkg/config/config.h"
#include "pkg/config/load.h"
#include "pkg/loop/loop.h"

namespace fairlead::apply {

// The one place where the running configuration changes, and the one thread that changes it. It takes all
// changes that wait, judges each in the order of arrival against what those before it have made, compiles
// once, persists once, publishes once, and then answers each: such a batch is one revision. A change that
// alters nothing makes none. Dry runs wait by themselves: they take their turns between the batches. A step
// that fails refuses the change whole, and what runs stays as it is.
class Applier {
 public:
  using WatchedName = apply::WatchedName;
  using Options = Pipeline::Options;
  using Outputs = Pipeline::Outputs;

  Applier(const Options& options, Outputs outputs);
  ~Applier();
  Applier(const Applier&) = delete;
  Applier& operator=(const Applier&) = delete;

  // Ends the thread; what the outputs refer to may go then, while the rest of this can still be called.
  // Changes that wait, and those to come, get no answer. The destructor does it, too.
  void Stop();

  // Empty when the change was applied, otherwise everything that is wrong with it; nothing has changed then.
  using Done = absl::AnyInvocable<void(std::vector<config::Violation>)>;

  // The following may be called from any thread and take effect in the order of the calls; `done` and `reply`
  // run on the apply thread.

  // The first change, whoever the owner is: what the state directory has kept, where the owner is not FILE
  // and there is something, otherwise the file. Without it there is no state directory.
  void Start(config::File file, Done done);
  // Reads the file and applies it.
  void ApplyFile(std::string path, Done done);
  void Apply(config::File file, Done done);
  void Submit(Change change, Reply reply);
  // What DNS says about a cluster's name now. Not a change of configuration: no revision.
  void SetResolved(std::string cluster, std::string name, std::vector<base::IpAddress> addresses);

  // Somebody brought a change that could not even be read. It is never submitted, but is counted and shown
  // like those that are refused here. Any thread.
  void CountRefused(const Origin& origin, const std::string& message) {
    pipeline_.CountRefused(origin, message);
  }

  // The worker of this number runs this revision. Any thread.
  void Installed(size_t worker, uint64_t revision);

  // How things are now. Any thread.
  Status status() const { return board_.status(); }
  InForce in_force() const { return board_.in_force(); }
  // Null before the first.
  std::shared_ptr<const config::Config> current() const { return board_.in_force().config; }
  // Those that can be returned to, the newest first.
  std::vector<RevisionInfo> revisions() const { return board_.revisions(); }

 private:
  config::Checked<Change> FromFile(config::Loaded loaded) const;
  void WarnOfRestart(const config::Bootstrap& wanted) const;
  void Enqueue(Pipeline::Waiting waiting);
  void EnqueueDryRun(Pipeline::Waiting waiting);
  void RunOneDryRun();

  const Options options_;
  StatusBoard board_;
  Pipeline pipeline_;  // the apply thread's

  std::mutex waiting_mutex_;
  std::vector<Pipeline::Waiting> waiting_;
  size_t waiting_bytes_ = 0;
  std::deque<Pipeline::Waiting> dry_runs_;  // one at a time, and changes go between
  size_t dry_run_bytes_ = 0;

  loop::Loop loop_;
  std::thread thread_;
};

}  // namespace fairlead::apply
