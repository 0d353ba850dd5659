#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pkg/apply/fencing.h"
#include "pkg/apply/state.h"

namespace fairlead::apply {

// The state directory: a file for each of the newest revisions, and the highest fencing tokens. A file is
// written under another name, made durable, renamed, and the directory made durable: a crash at any moment
// leaves what was there before or all of the new one, and after Save has returned a power cut does too. The
// directory belongs to one process, which holds a lock on it. It is readable by its user alone; private keys
// never go there. Apply thread; all calls block on the disk.
class StateStore {
 public:
  // What Save does, in this order; tests stop it in between.
  enum class Step { kOpen, kWrite, kSync, kRename, kSyncDirectory, kDone };
  // Called before each step; an error ends the write there.
  using Hook = std::function<absl::Status(Step)>;

  // Makes the directory, with mode 0700, where it is missing. An error when another process has it.
  static absl::StatusOr<std::unique_ptr<StateStore>> Open(
      std::string directory, Hook hook = [](Step) { return absl::OkStatus(); });

  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  // Every revision that is whole and understood, the oldest first. What is not is left where it is and
  // logged.
  std::vector<KeptRevision> Load() const;
  // The highest number that a revision in the directory has, whole or not; 0 = there is none.
  uint64_t HighestRevision() const;
  // Empty = none were kept. `alone`: see DecodeTokens.
  absl::StatusOr<FencingTokens> LoadFencingTokens(config::Owner alone) const;

  // Durable once it returns OK; otherwise the newest revision is what it was. Lets go of old revisions, and
  // of `replaced` (0 = none) once another one replaces this: until then there is one to fall back to.
  absl::Status Save(const KeptRevision& revision, uint64_t replaced = 0);
  absl::Status SaveFencingTokens(const FencingTokens& tokens);

 private:
  class Lock;

  StateStore(std::string directory, std::unique_ptr<Lock> lock, Hook hook);

  absl::Status Replace(const std::string& name, std::string_view content);
  absl::Status WriteDurably(const std::string& path, std::string_view content);
  absl::Status SyncDirectory();
  std::vector<uint64_t> Revisions() const;  // ascending
  std::string PathOf(uint64_t revision) const;
  void RemoveOld();

  const std::string directory_;
  const std::unique_ptr<Lock> lock_;
  const Hook hook_;
  uint64_t spare_ = 0;  // a revision that was replaced and is still there
};

}  // namespace fairlead::apply
