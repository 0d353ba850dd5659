#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pkg/config/config.h"

namespace fairlead::control {

// The files of control.tls, the newest that were good. gRPC ends the process over a file that is empty, and
// refuses everybody over one that is damaged: what it is given to watch is never either. It watches copies in
// memory (memfd_create(2)), which follow the files a while after they have changed and only to what is whole:
// certificates that can be read, and a key that is theirs. Any thread.
class ControlCertificates {
 public:
  // Looks at the files every so often. An error names the field of control.tls, and says what is wrong with
  // it.
  static absl::StatusOr<std::unique_ptr<ControlCertificates>> Load(const config::ControlTls& tls,
                                                                   std::chrono::seconds every);
  ~ControlCertificates();
  ControlCertificates(const ControlCertificates&) = delete;
  ControlCertificates& operator=(const ControlCertificates&) = delete;

  // Looks at the files now.
  void Refresh();

  // Of the copies: to be watched, and good for as long as this lives.
  std::string cert_path() const { return PathOf(kCert); }
  std::string key_path() const { return PathOf(kKey); }
  std::string client_ca_path() const { return PathOf(kClientCa); }

 private:
  enum File { kCert, kKey, kClientCa, kFiles };
  using Contents = std::array<std::string, kFiles>;

  explicit ControlCertificates(const config::ControlTls& tls) : tls_(tls) {}
  // All of them, judged.
  absl::StatusOr<Contents> Read() const;
  absl::Status Replace(const Contents& contents);
  void Watch(std::chrono::seconds every);
  void RefreshLocked();
  std::string PathOf(File file) const;

  const config::ControlTls tls_;
  std::array<int, kFiles> fds_{-1, -1, -1};
  std::mutex mutex_;  // over all that follows
  Contents contents_;
  std::string last_error_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fairlead::control
