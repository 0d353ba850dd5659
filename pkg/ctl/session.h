#pragma once

#include <cstdint>
#include <string>

#include "pkg/base/clock.h"
#include "pkg/ctl/style.h"

namespace fairlead::ctl {

// How a command ended, for scripts.
enum ExitCode : int {
  kDone = 0,
  kRefused = 1,      // the proxy said no, or a file is not valid
  kUsage = 2,        // the arguments make no sense
  kUnreachable = 3,  // no proxy answered
};

// PEM files for mutual TLS; all or none. A unix socket needs none.
struct TlsFiles {
  std::string ca_file;    // who must have signed the other side's certificate
  std::string cert_file;  // the chain to show
  std::string key_file;

  bool any() const { return !ca_file.empty() || !cert_file.empty() || !key_file.empty(); }
  bool all() const { return !ca_file.empty() && !cert_file.empty() && !key_file.empty(); }
};

inline constexpr char kDefaultAddress[] = "unix:/run/fairlead/control.sock";

// Which proxy to talk to.
struct Server {
  std::string address = kDefaultAddress;  // "unix:/path" or "host:port"
  TlsFiles tls;
  std::string server_name;         // that its certificate must have; empty = the host of the address
  base::Duration timeout{10'000};  // of one call
};

enum class Format : uint8_t { kText, kJson };

// What all commands share.
struct Session {
  Server server;
  Format format = Format::kText;
  Style style;  // of standard output
};

}  // namespace fairlead::ctl
