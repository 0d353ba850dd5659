#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/conformance/http1_case.h"
#include "tests/integration/pem_files.h"
#include "tests/integration/running_proxy.h"

namespace fairlead::testing {

// The client's end of a connection.
struct ClientEnd {
  // So many bytes of it at once, and `pause` behind each such piece; what cannot be sent any more is dropped.
  std::function<void(std::string_view bytes, size_t piece, const std::function<void()>& pause)> send;
  std::function<void()> half_close;
  // All that comes until the connection ends. What it can tell of that, *in_order says.
  std::function<std::string(std::optional<bool>* in_order)> receive_to_the_end;
};

// A way to talk to the proxy, and how to say it.
struct Transport {
  std::string name;
  std::string proto;  // what X-Forwarded-Proto says of it, and whether the listener has a certificate
  std::function<ClientEnd(const RunningProxy&)> connect;
  bool byte_by_byte = false;  // the proxy has read each byte before the next one is sent
};

// For test reports.
inline void PrintTo(const Transport& transport, std::ostream* out) {
  *out << transport.name;
}

ClientEnd ConnectPlainly(const RunningProxy& proxy);
// TLS 1.2 leaves its records to OpenSSL, TLS 1.3 has compact ones.
ClientEnd ConnectOverTls12(const RunningProxy& proxy);
ClientEnd ConnectOverTls13(const RunningProxy& proxy);

// A proxy with a backend, on which cases are played one after the other. The hosts that it knows are those of
// README.md.
class Http1Stage {
 public:
  explicit Http1Stage(const Transport& transport);

  // Everything that is not as the case says fails the test.
  void Play(const Http1Case& one);
  // Nothing is open any more.
  void ExpectEmpty() const;

 private:
  void Send(const ClientEnd& client, std::string_view bytes);
  Socket PlayBackend(const Http1Outcome& outcome, bool bodiless);
  void ExpectForwarded(const Http1Outcome& outcome, std::string_view seen);
  // Takes the answer from the front of *received.
  void ExpectAnswer(const Http1Outcome& outcome, bool to_head, std::string_view* received);
  std::string WithOwnFields(std::string_view expected, std::string_view seen) const;

  const Transport& transport_;
  PemFiles certificates_;
  Backend backend_;
  RunningProxy proxy_;
};

}  // namespace fairlead::testing
