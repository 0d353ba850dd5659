#include "pkg/control/control_certificates.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "pkg/telemetry/log.h"
#include "pkg/tls/certificate.h"
#include "pkg/tls/pem.h"
#include "pkg/tls/trust_store.h"

namespace fairlead::control {
namespace {

absl::Status Wrong(std::string_view field, const absl::Status& why) {
  return absl::InvalidArgumentError(fmt::format("control.tls.{}: {}", field, std::string(why.message())));
}

// A file in memory that only we have; a negative errno where there is none to be had.
int MemoryFile(std::string_view content) {
  const int fd = ::memfd_create("control.tls", MFD_CLOEXEC);
  if (fd < 0) return -errno;
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      ::close(fd);
      return -error;
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlCertificates>> ControlCertificates::Load(const config::ControlTls& tls,
                                                                               std::chrono::seconds every) {
  std::unique_ptr<ControlCertificates> certificates(new ControlCertificates(tls));
  absl::StatusOr<Contents> contents = certificates->Read();
  if (!contents.ok()) return contents.status();
  if (absl::Status status = certificates->Replace(*contents); !status.ok()) return status;
  certificates->thread_ = std::thread([self = certificates.get(), every] { self->Watch(every); });
  return certificates;
}

ControlCertificates::~ControlCertificates() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const int fd : fds_) {
    if (fd >= 0) ::close(fd);
  }
}

absl::StatusOr<ControlCertificates::Contents> ControlCertificates::Read() const {
  absl::StatusOr<tls::Pem> cert = tls::ReadPemFile(tls_.cert_file);
  if (!cert.ok()) return Wrong("cert_file", cert.status());
  absl::StatusOr<tls::Pem> key = tls::ReadPemFile(tls_.key_file);
  if (!key.ok()) return Wrong("key_file", key.status());
  absl::StatusOr<tls::Pem> client_ca = tls::ReadPemFile(tls_.client_ca_file);
  if (!client_ca.ok()) return Wrong("client_ca_file", client_ca.status());
  // An old date is for the clients to refuse: the proxy serves its tunnels all the same.
  const auto pair = tls::Certificate::Load(*cert, *key);
  if (!pair.ok()) return Wrong("cert_file", pair.status());
  const auto trusted = tls::TrustStore::Load(*client_ca, std::nullopt);
  if (!trusted.ok()) return Wrong("client_ca_file", trusted.status());
  return Contents{std::move(cert->text), std::move(key->text), std::move(client_ca->text)};
}

// A descriptor keeps its number while what it stands for is exchanged at once: who opens its path meanwhile
// reads the old content or the new.
absl::Status ControlCertificates::Replace(const Contents& contents) {
  for (size_t i = 0; i < contents.size(); ++i) {
    if (fds_[i] >= 0 && contents[i] == contents_[i]) continue;
    const int fd = MemoryFile(contents[i]);
    if (fd < 0) return absl::ResourceExhaustedError(fmt::format("control.tls: {}", std::strerror(-fd)));
    if (fds_[i] < 0) {
      fds_[i] = fd;
    } else {
      ::dup3(fd, fds_[i], O_CLOEXEC);
      ::close(fd);
    }
  }
  contents_ = contents;
  return absl::OkStatus();
}

void ControlCertificates::Watch(std::chrono::seconds every) {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, every, [this] { return stopping_; })) RefreshLocked();
}

void ControlCertificates::Refresh() {
  const std::lock_guard lock(mutex_);
  RefreshLocked();
}

void ControlCertificates::RefreshLocked() {
  const absl::StatusOr<Contents> contents = Read();
  const absl::Status status = contents.ok() ? Replace(*contents) : contents.status();
  const std::string error(status.message());
  if (error == last_error_) return;
  last_error_ = error;
  if (!error.empty()) telemetry::LogError(fmt::format("{}; what was good before is used on", error));
}

std::string ControlCertificates::PathOf(File file) const {
  return fmt::format("/proc/self/fd/{}", fds_[file]);
}

}  // namespace fairlead::control
