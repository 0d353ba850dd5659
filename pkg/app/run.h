#pragma once

#include <cstdint>
#include <string>

#include "pkg/config/load.h"
#include "pkg/tls/record_sealer.h"

namespace fairlead::app {

// The commands. Each returns the process's exit code and prints what is wrong on stderr.

struct RunOptions {
  // Before the keys of a TLS connection are exchanged. Nobody sets it but the proxy of tests/interop, whose
  // peers are to see that within a test's time.
  uint64_t tls_records_per_key = tls::kRecordsPerKey;
};

// Runs the proxy until SIGTERM (drains) or SIGINT (at once). 0, or 1 where it could not start.
int Run(const std::string& config_path, const config::Overrides& overrides, const RunOptions& options = {});
// 0, or 1 with a line for each violation; warnings change nothing about that.
int Check(const std::string& config_path);
// The proxy on 127.0.0.1:8080 in front of built-in backends, until SIGINT or SIGTERM.
int Demo();

}  // namespace fairlead::app
