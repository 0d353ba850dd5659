#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/tls/failure.h"
#include "pkg/tls/handshake_info.h"
#include "pkg/tls/key_schedule.h"
#include "pkg/tls/openssl_ptr.h"
#include "pkg/tls/post_handshake_reader.h"
#include "pkg/tls/scratch.h"
#include "pkg/tls/traffic_keys.h"

namespace fairlead::tls {

// The BIO that an OpenSslLayer reads from and writes to.
BIO_METHOD* NewLayerBioMethod();

// OpenSSL between two views: what it reads is the record at hand, what it writes is appended to a buffer that
// all connections of a thread share. So a connection has no buffer for either.
class OpenSslLayer {
 public:
  enum class Step { kMore, kDone, kFailed };

  // `context` is kept as long as OpenSSL may call back into it. `out` gets the records to send, behind
  // what stands there.
  OpenSslLayer(SslPtr ssl, Side side, std::shared_ptr<const void> context, BIO_METHOD* method, Scratch* out);
  ~OpenSslLayer();
  OpenSslLayer(const OpenSslLayer&) = delete;
  OpenSslLayer& operator=(const OpenSslLayer&) = delete;

  // Goes on with the handshake, with one more record. kDone: both sides have finished.
  Step Shake(std::string_view record);
  // Why it failed, with OpenSSL's words for it.
  Failure ReasonOfFailure(std::string* words) const;
  // Whether Read failed because the peer sent a fatal alert.
  bool AbortedByPeer() const;
  HandshakeInfo Describe() const;

  // The keys of an established TLS 1.3 connection that has read no record since its handshake, and written
  // `written`; nothing where the version or suite is another, or OpenSSL derived them elsewhere. To be taken
  // once: its copies of the secrets are wiped.
  struct Keys {
    TrafficKeys read;
    TrafficKeys write;
  };
  std::optional<Keys> TakeKeys(uint64_t written);

  // After the handshake. kDone: close_notify was read. Content is appended to *opened.
  Step Read(std::string_view record, Scratch* opened);
  // False when the connection is broken.
  bool Write(std::string_view content);
  void SendCloseNotify();

  // For a client: what its sessions are kept under.
  void SetSessionKey(std::string_view key) { session_key_ = key; }
  // For the callbacks of a context.
  static std::string_view SessionKeyOf(const SSL* ssl);

  // For the BIO.
  int TakeInput(char* to, size_t room);
  void AddOutput(std::string_view bytes) { out_->Append(bytes); }

 private:
  SslPtr ssl_;
  const Side side_;
  const std::shared_ptr<const void> context_;
  Scratch* const out_;
  std::string_view in_;
  TrafficSecrets secrets_;
  std::string session_key_;
};

}  // namespace fairlead::tls
