#include "pkg/apply/key_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace fairlead::apply {
namespace {

constexpr std::string_view kSuffix = ".key";

absl::Status Failure(std::string_view what, const std::string& path) {
  return absl::UnavailableError(fmt::format("{} {}: {}", path, what, std::strerror(errno)));
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Whether what lies there is gone when the power is.
bool IsInMemory(const std::string& directory) {
  struct statfs system {};
  if (::statfs(directory.c_str(), &system) != 0) return false;
  return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
}

}  // namespace

absl::Status KeyStore::Open(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return Failure("cannot be made", directory);
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0) return Failure("cannot be looked at", directory);
  if (!S_ISDIR(found.st_mode)) return absl::InvalidArgumentError(directory + " is no directory");
  if (!IsInMemory(directory)) return absl::InvalidArgumentError(directory + " is not in memory (tmpfs)");
  // A volume's root may belong to another user, and then cannot be made private: the files are.
  if (found.st_uid == ::geteuid()) ::chmod(directory.c_str(), 0700);
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) return Failure("cannot be used", directory);
  directory_ = directory;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename();
    if (name.size() != config::Secret::kHashDigits + kSuffix.size() || !name.ends_with(kSuffix)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::string text(std::filesystem::file_size(entry.path(), error), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    const config::Secret secret(text);
    ::explicit_bzero(text.data(), text.size());
    // What was cut short by the end of the process is nobody's key.
    if (name.substr(0, config::Secret::kHashDigits) == secret.sha256())
      keys_[secret.sha256()] = {secret.text(), 0};
  }
  return absl::OkStatus();
}

std::shared_ptr<const std::string> KeyStore::Find(const config::Secret& secret) {
  if (secret.text() != nullptr) return secret.text();
  const auto known = keys_.find(secret.sha256());
  return known == keys_.end() ? nullptr : known->second.text;
}

absl::Status KeyStore::Add(const config::Secret& secret) {
  if (secret.text() == nullptr || keys_.contains(secret.sha256())) return absl::OkStatus();
  if (absl::Status status = Write(secret); !status.ok()) return status;
  keys_[secret.sha256()] = {secret.text(), ++now_};
  return absl::OkStatus();
}

absl::Status KeyStore::Write(const config::Secret& secret) const {
  if (directory_.empty()) return absl::OkStatus();
  const std::string path = fmt::format("{}/{}{}", directory_, secret.sha256(), kSuffix);
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Failure("cannot be written", fresh);
  const bool written = WriteAll(fd, *secret.text());
  absl::Status status = written ? absl::OkStatus() : Failure("cannot be written", fresh);
  ::close(fd);
  if (status.ok() && ::rename(fresh.c_str(), path.c_str()) != 0) status = Failure("cannot be renamed", fresh);
  if (!status.ok()) ::unlink(fresh.c_str());
  return status;
}

void KeyStore::Keep(const std::set<std::string>& in_use) {
  ++now_;
  std::vector<std::pair<uint64_t, std::string>> unused;
  for (auto& [hash, key] : keys_) {
    if (in_use.contains(hash)) {
      key.used = now_;
    } else {
      unused.emplace_back(key.used, hash);
    }
  }
  if (unused.size() <= kMaxUnused) return;
  std::sort(unused.begin(), unused.end());
  unused.resize(unused.size() - kMaxUnused);
  for (const auto& [used, hash] : unused) {
    keys_.erase(hash);
    if (!directory_.empty()) ::unlink(fmt::format("{}/{}{}", directory_, hash, kSuffix).c_str());
  }
}

}  // namespace fairlead::apply
