#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/admission/upgrade_queue.h"
#include "pkg/endpoint/lease.h"
#include "pkg/http1/body_writer.h"
#include "pkg/http1/request_head.h"
#include "pkg/http1/response_reader.h"
#include "pkg/proxy/affinity.h"
#include "pkg/proxy/body_pace.h"
#include "pkg/proxy/client_identity.h"
#include "pkg/proxy/exchange_record.h"
#include "pkg/proxy/local_reply.h"
#include "pkg/route/request_view.h"
#include "pkg/route/route.h"
#include "pkg/route/value_template.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/stream/stream.h"
#include "pkg/telemetry/reject_reason.h"
#include "pkg/upstream/dial.h"

namespace fairlead::proxy {

class Session;

// One request and its answer: routed, sent to a backend over a connection of its own, to another one where
// that fails it, relayed both ways with backpressure, counted and logged once. It pulls the request's body
// out of the session's reader and tells the session what comes of it. Holds the snapshot that it was routed
// by. exchange.cc has the request's side, exchange_answer.cc the answer's.
class Exchange final : private stream::Delegate {
 public:
  // The session's reader has just completed a head.
  explicit Exchange(Session& session);
  ~Exchange();

  // May end the exchange, with a reply of our own, before it returns.
  void Begin();
  // Takes what belongs to the request's body; the rest is given back to the session to hold. While it waits
  // for its turn: more has come than is kept, and it is refused.
  void OnRequestBytes(std::string_view bytes);
  void OnClientFlushed();
  // Nothing more comes from the client.
  void OnClientEnded();
  // The session's deadline struck in kResponse or kBody; or a drain's window begins, and it waits for a turn.
  void OnTimeout();
  // Lets go of the backend, counts and logs: `unfinished`, where the client has not had its whole answer and
  // nothing else is to blame. Nothing happens afterwards.
  void Close(telemetry::RejectReason unfinished);

  base::Duration response_timeout() const { return route_->timeouts().response; }
  // When the request's body is too slow, as things are.
  std::optional<base::MonotonicTime> BodyDue() const {
    return request_complete_ ? std::nullopt : pace_.Due();
  }
  base::Duration write_timeout() const { return route_->timeouts().write; }
  base::Duration keep_alive() const;

 private:
  void OnData(std::string_view bytes) override;
  void OnEnd() override;
  void OnFlushed() override;
  void OnError(stream::Failure failure) override;

  // The request.
  std::optional<LocalReply> CheckAccess() const;
  // What to answer an upgrade that is one too many. Nothing where it may be asked for: now, or at the turn of
  // its place in the queue.
  std::optional<LocalReply> TakeTurn();
  void LeftQueue(admission::UpgradeQueue::Outcome outcome);
  void DialCluster();
  void Dialed(upstream::Dial::Result result);
  // Whether the request may be sent a second time, although a backend may have begun to act on it.
  bool Repeatable() const;
  // Gives the request to another endpoint; false where there is none to give it to.
  bool TryAnother();
  void EndAttempts();

  void PauseClient();
  void ResumeClient();

  // The answer.
  bool OnResponseHead(std::string_view rest);
  bool OnResponseBody();
  void SendGathered();
  void CompleteResponse();
  void Upgrade(std::string_view early);
  void BackendFailed(telemetry::RejectReason reason);
  void CountOutcome(bool success);

  // Our own answers.
  void Reply(const LocalReply& reply);
  void Redirect(const config::Redirect& redirect);
  bool KeepsAliveAfterReply() const;

  void Concerns(std::string_view route, std::string_view cluster);
  route::Variables variables() const;

  Session& session_;
  const std::shared_ptr<const snapshot::Snapshot> snapshot_;
  const snapshot::Listener& listener_;
  const http1::RequestHead& head_;
  const ClientIdentity client_;
  const std::string client_ip_;
  const route::RequestView view_;
  ExchangeRecord record_;

  const route::Route* route_ = nullptr;
  const route::Target* target_ = nullptr;
  const snapshot::Cluster* cluster_ = nullptr;
  std::optional<Affinity> affinity_;
  std::optional<uint64_t> key_;  // that the cluster places it by

  std::unique_ptr<admission::UpgradeQueue::Place> place_;  // while it waits for its turn
  std::unique_ptr<upstream::Dial> dial_;                   // until the answer has begun
  std::unique_ptr<stream::Stream> backend_;
  std::optional<endpoint::Lease> lease_;
  BodyPace pace_;
  http1::BodyWriter request_writer_;
  std::optional<http1::ResponseReader> response_;
  std::optional<http1::BodyWriter> response_writer_;
  std::string gathered_;  // for the client, while one read of the backend is worked through
  std::string scratch_;
  bool request_complete_ = false;
  bool backend_spoke_ = false;  // a byte has come from the backend that has the request now
  bool answering_ = false;      // a byte has gone to the client
  bool head_sent_ = false;      // that of the final response has left for the client
  bool keep_alive_ = false;     // as the response head told the client
  bool closed_ = false;
};

}  // namespace fairlead::proxy
