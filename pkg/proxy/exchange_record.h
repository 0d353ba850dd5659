#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/endpoint/lease.h"
#include "pkg/http1/request_head.h"
#include "pkg/telemetry/access_record.h"
#include "pkg/telemetry/reject_reason.h"
#include "pkg/telemetry/route_stats.h"

namespace fairlead::proxy {

class Session;

// What there is to tell about an exchange, for metrics and the access log: it is counted and logged once, at
// its end.
class ExchangeRecord {
 public:
  // `client` is who asks, as text.
  ExchangeRecord(Session& session, const http1::RequestHead& head, std::string client, std::string request_id,
                 uint64_t revision);

  // Who is concerned, as far as that is known yet.
  void Concerns(std::string_view listener, std::string_view route, std::string_view cluster);
  void SetUpgrade(std::string_view upgrade) { upgrade_ = upgrade; }
  // Lives as long as this: the exchange's snapshot keeps it.
  void SetEndpoint(const endpoint::Endpoint& endpoint) { endpoint_ = endpoint.label(); }

  void Received(size_t body_bytes);
  void Sent(size_t body_bytes);
  // What was to be sent never left.
  void NothingSent() { bytes_sent_ = 0; }
  // The head of the answer is on its way.
  void Answered(int status);
  // The client has the whole answer.
  void Completed() { complete_ = true; }
  void Failed(telemetry::RejectReason reason) { reason_ = reason; }
  // Counts and logs; `unfinished` is the reason where it has not completed, nor failed for another. A tunnel
  // is logged at its end.
  void Close(telemetry::RejectReason unfinished);

  const std::string& request_id() const { return request_id_; }
  const std::string& upgrade() const { return upgrade_; }  // the protocol asked for and allowed
  int status() const { return status_; }                   // what the client got; 0 = nothing yet
  std::chrono::microseconds handshake() const { return handshake_; }
  const telemetry::RouteStatsRef& stats() const { return stats_; }

  telemetry::Handshake Describe() const;
  telemetry::Place Where() const;

 private:
  Session& session_;
  const http1::RequestHead& head_;
  const uint64_t id_;
  const std::string client_;
  const std::string request_id_;
  const uint64_t revision_;
  std::string upgrade_;
  std::string_view endpoint_;
  telemetry::RouteStatsRef stats_;
  int status_ = 0;
  std::optional<telemetry::RejectReason> reason_;
  bool complete_ = false;
  uint64_t bytes_received_ = 0;
  uint64_t bytes_sent_ = 0;
  std::chrono::microseconds handshake_{0};
};

}  // namespace fairlead::proxy
