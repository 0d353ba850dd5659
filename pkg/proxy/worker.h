#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "pkg/admission/buffer_memory.h"
#include "pkg/apply/publication.h"
#include "pkg/base/clock.h"
#include "pkg/base/random.h"
#include "pkg/config/config.h"
#include "pkg/loop/loop.h"
#include "pkg/proxy/context.h"
#include "pkg/proxy/listener.h"
#include "pkg/proxy/tunnel_table.h"
#include "pkg/telemetry/access_log.h"
#include "pkg/telemetry/worker_stats.h"
#include "pkg/tls/workspace.h"
#include "pkg/tunnel/close_order.h"
#include "pkg/tunnel/listing.h"

namespace fairlead::proxy {

// One thread of the data plane: a loop, its listeners, sessions and tunnels, and what it counts. Workers
// share the published configuration and the endpoints' counts, nothing else.
//
// The public methods may be called from any thread; they take effect on the worker's own, in order.
class Worker {
 public:
  struct Options {
    size_t number = 0;
    uint64_t seed = 0;
    const base::Clock* clock;                    // exact time
    const base::Clock* timeout_clock = nullptr;  // where timeouts take it from; null = the loop
    telemetry::StatsRegistry* stats;
    admission::BufferMemory* memory;             // of all workers
    telemetry::AccessLog* access_log = nullptr;  // null = none
    config::AccessLogMode access_log_mode = config::AccessLogMode::kEnd;
    uint64_t tls_records_per_key = tls::kRecordsPerKey;
  };

  explicit Worker(const Options& options);
  // Cuts whatever is still open.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `all`: every worker of the process, this one too, to deal the connections of unix sockets among. Call
  // once.
  void Start(const std::vector<std::unique_ptr<Worker>>& all);

  // Runs the new configuration from now on; nothing that is open is cut.
  void Install(apply::Publication publication);

  // Goes through the stages of DrainStage, and cuts what is open when the window ends; who is told to go
  // before that is not the worker's to say. `drained` is called once, on the worker's thread, when nothing is
  // open.
  void Drain(config::Drain settings, std::function<void()> drained);

  // Both answer on the worker's thread. The list is put together in steps, so that what moves meanwhile does
  // not wait long: every tunnel that is open all the while is in it, and one may be twice while others close.
  void ListTunnels(tunnel::Selector selector, absl::AnyInvocable<void(std::vector<tunnel::Row>)> listed);
  void SelectTunnels(tunnel::Selector selector,
                     absl::AnyInvocable<void(std::vector<tunnel::Brief>)> selected);
  // Answers on the worker's thread which of them have not gone, those included that are taking leave.
  void FindOpen(std::vector<uint64_t> ids, absl::AnyInvocable<void(std::vector<uint64_t>)> found);
  // Shuts those of them that are open, in steps too.
  void ShutTunnels(std::vector<uint64_t> ids, tunnel::CloseOrder order);
  // Ends those of them that have not gone, at once.
  void CutTunnels(std::vector<uint64_t> ids, tunnel::CloseOrder order);

  // Runs on the worker's thread.
  void Post(absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); }

 private:
  class Heartbeat;
  struct Listing;
  struct Selecting;

  void ContinueListing(std::shared_ptr<Listing> listing);
  void ContinueSelecting(std::shared_ptr<Selecting> selecting);
  void ContinueShutting(std::vector<uint64_t> ids, const tunnel::CloseOrder& order);
  void InstallHere(const apply::Publication& publication);
  std::unique_ptr<Listener> MakeListener(const apply::Listening& listening);
  bool Deal(const Listener::Source& source, int fd, const base::SocketAddress& peer);
  void TakeDealt(const Listener::Source& source, int fd, const base::SocketAddress& peer);
  void Retire(std::unique_ptr<Listener> listener);
  void BuryIdleRetired();
  void PruneStats(const snapshot::Snapshot& snapshot);
  void Beat(base::MonotonicTime now);
  void StepDrain(base::MonotonicTime now);
  void CheckDrained();
  void CountTls();
  void CountBuffers();

  const size_t number_;
  telemetry::WorkerStats stats_;
  admission::BufferMemory& memory_;
  int64_t buffered_ = 0;  // of it, as last told
  tls::Workspace tls_;    // outlives what the loop has yet to bury
  loop::Loop loop_;
  base::Random random_;
  TunnelTable tunnels_;
  Context context_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Listener>> retired_;
  const std::vector<std::unique_ptr<Worker>>* all_ = nullptr;
  size_t next_dealt_ = 0;
  std::unique_ptr<Heartbeat> heartbeat_;

  config::Drain drain_;
  base::MonotonicTime drain_began_;
  std::function<void()> drained_;

  std::thread thread_;
};

}  // namespace fairlead::proxy
