#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pkg/tls/openssl_ptr.h"
#include "pkg/tls/post_handshake_reader.h"

namespace fairlead::tls {

// A context with what both sides hold to: TLS 1.2 and 1.3 with Mozilla's intermediate suites and groups, no
// renegotiation, no compression, no early data, buffers released while idle. For compact
// records TLS 1.3's keys are derived by key_schedule.h; without, all is OpenSSL's.
absl::StatusOr<SslCtxPtr> NewContext(Side side, bool compact_records);

// The wire form of a list of protocols (RFC 7301 §3.1).
std::string AlpnWireForm(const std::vector<std::string>& protocols);

}  // namespace fairlead::tls
