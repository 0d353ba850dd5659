#pragma once

#include "pkg/telemetry/instruments.h"

namespace fairlead::telemetry {

// What a worker counts beside its listeners and routes.
struct WorkerInstruments {
  explicit WorkerInstruments(int worker);

  const int worker;
  Histogram upgrade_duration;  // from the first byte of a request head to its 101 forwarded: 100 µs … 10 s
  Histogram tunnel_duration;   // 1 s … 7 d
  Histogram loop_lag;          // how late the loop's tick came: 1 ms … 10 s
  Histogram client_ping_rtt;   // from our Ping to its Pong: 250 µs … 20 s
  Histogram backend_ping_rtt;  // likewise
  // Of the TLS connections of both sides, as they were at the worker's last beat.
  Counter tls_handshakes;
  Counter tls_resumed;   // of them
  Gauge tls_compact;     // open, without OpenSSL's state
  Gauge tls_openssl;     // open, with it
  Gauge buffered_bytes;  // in all streams of the worker: what the kernel has not taken yet
};

}  // namespace fairlead::telemetry
