#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/tls/record_crypto.h"
#include "pkg/tls/record_sealer.h"
#include "pkg/tls/scratch.h"

struct bio_method_st;

namespace fairlead::tls {

class TlsStream;

// What all TLS connections of a thread share: the ciphers, and the buffers through which every record passes.
// Outlives them. One thread.
class Workspace {
 public:
  // Runs a task on this thread, soon and not from inside the call: Loop::Post.
  using Post = absl::AnyInvocable<void(absl::AnyInvocable<void()>)>;
  // The deadlines of this thread: Loop::deadlines. Asked for when one is to be armed.
  using Deadlines = absl::AnyInvocable<base::DeadlineWheel&()>;

  struct Counts {
    uint64_t handshakes = 0;    // completed
    uint64_t resumed = 0;       // of them, with a session from before
    uint64_t failed = 0;        // handshakes that failed
    uint64_t open_compact = 0;  // established now, without an SSL object
    uint64_t open_openssl = 0;  // established now, with one: TLS 1.2, or compact records switched off
  };

  // `records_per_key`: see kRecordsPerKey.
  Workspace(Post post, Deadlines deadlines, uint64_t records_per_key = kRecordsPerKey);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const Counts& counts() const { return counts_; }

  // For the streams.

  Counts& counts() { return counts_; }
  RecordCrypto& crypto() { return crypto_; }
  base::DeadlineWheel& deadlines() { return deadlines_(); }
  uint64_t records_per_key() const { return records_per_key_; }
  bio_method_st* bio_method() const { return bio_method_; }
  // Records on their way out: empty between two calls. And content on its way up: void between two.
  Scratch& sealed() { return sealed_; }
  Scratch& opened() { return opened_; }

  // Has `stream` called back (OnDue) from the thread's loop. Forget undoes it.
  void Schedule(TlsStream& stream);
  void Forget(TlsStream& stream);

  // The stream that is inside a callback of its owner's now; null once it is destroyed there.
  TlsStream* calling = nullptr;

 private:
  // The streams that are due. Shared with the task that was posted, which may outlive the workspace.
  struct Due {
    std::vector<TlsStream*> next;
    std::vector<TlsStream*> running;
  };
  static void RunDue(Due& due);

  Post post_;
  Deadlines deadlines_;
  const uint64_t records_per_key_;
  bio_method_st* const bio_method_;
  RecordCrypto crypto_;
  Scratch sealed_;
  Scratch opened_;
  Counts counts_;
  const std::shared_ptr<Due> due_;
};

}  // namespace fairlead::tls
