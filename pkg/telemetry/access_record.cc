#include "pkg/telemetry/access_record.h"

#include "pkg/telemetry/json_line.h"
#include "pkg/telemetry/tls_ciphers.h"

namespace fairlead::telemetry {
namespace {

// What a client can make a line grow by: a byte may become six.
constexpr size_t kMaxText = 255;
constexpr size_t kMaxPath = 1024;
constexpr size_t kUsualLine = 640;

void AddText(JsonLine& line, std::string_view key, std::string_view value, size_t max_bytes) {
  if (!value.empty()) line.Text(key, Clip(value, max_bytes));
}

void AddTalk(JsonLine& line, const Talk& talk) {
  line.Number("messages_received", talk.messages_received);
  line.Number("messages_sent", talk.messages_sent);
  if (talk.close_code != 0) line.Number("close_code", static_cast<uint64_t>(talk.close_code));
  AddText(line, "close_initiator", talk.close_initiator, kMaxText);
}

}  // namespace

std::string FormatAccessLine(AccessEvent event, base::WallTime now, const Handshake& handshake,
                             const Place& place, const Outcome& outcome) {
  const bool ended = event == AccessEvent::kEnd;
  JsonLine line(kUsualLine);
  line.Time("time", now);
  line.Text("event", ended ? "end" : "open");
  line.Hex("id", handshake.id);
  AddText(line, "client", handshake.client, kMaxText);
  AddText(line, "method", handshake.method, kMaxText);
  AddText(line, "host", handshake.host, kMaxText);
  AddText(line, "path", handshake.path, kMaxPath);
  AddText(line, "listener", place.listener, kMaxText);
  AddText(line, "route", place.route, kMaxText);
  AddText(line, "cluster", place.cluster, kMaxText);
  AddText(line, "endpoint", place.endpoint, kMaxText);
  if (handshake.status != 0) line.Number("status", static_cast<uint64_t>(handshake.status));
  AddText(line, "upgrade", handshake.upgrade, kMaxText);
  if (ended) {
    line.Number("bytes_received", outcome.bytes_received);
    line.Number("bytes_sent", outcome.bytes_sent);
    if (outcome.talk) AddTalk(line, *outcome.talk);
  }
  line.Milliseconds("handshake_ms", handshake.handshake);
  if (ended) {
    line.Milliseconds("duration_ms", outcome.duration);
    AddText(line, "reason", outcome.reason, kMaxText);
  }
  line.Number("revision", handshake.revision);
  AddText(line, "request_id", handshake.request_id, kMaxText);
  if (!handshake.tls_cipher.empty()) {
    line.Text("tls_version", Clip(TlsVersionOf(handshake.tls_cipher), kMaxText));
    AddText(line, "tls_cipher", handshake.tls_cipher, kMaxText);
    AddText(line, "tls_peer", handshake.tls_peer, kMaxText);
  }
  return line.Finish();
}

}  // namespace fairlead::telemetry
