#include "pkg/apply/state_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "pkg/apply/history.h"
#include "pkg/apply/revision_text.h"
#include "pkg/base/read_file.h"
#include "pkg/telemetry/log.h"

namespace fairlead::apply {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "revision-";
constexpr std::string_view kFencingTokens = "fencing-token";
constexpr std::string_view kLock = "lock";
constexpr std::string_view kTemporary = "next.tmp";  // one is enough: there is one writer

absl::Status Failure(std::string_view what, const std::string& path, int error) {
  return absl::UnavailableError(fmt::format("{} {}: {}", what, path, std::strerror(error)));
}

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }

 private:
  const int fd_;
};

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

std::optional<std::string> ReadAll(const std::string& path) {
  absl::StatusOr<std::string> content = base::ReadFile(path, SIZE_MAX);
  return content.ok() ? std::optional(*std::move(content)) : std::nullopt;
}

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

// Held until it is closed, by the process's end at the latest (flock(2)).
class StateStore::Lock {
 public:
  explicit Lock(const std::string& path) : file_(path, O_RDWR | O_CREAT) {}

  // Otherwise errno says why.
  bool Take() const { return file_.fd() >= 0 && ::flock(file_.fd(), LOCK_EX | LOCK_NB) == 0; }

 private:
  const File file_;
};

StateStore::StateStore(std::string directory, std::unique_ptr<Lock> lock, Hook hook)
    : directory_(std::move(directory)), lock_(std::move(lock)), hook_(std::move(hook)) {}

StateStore::~StateStore() = default;

absl::StatusOr<std::unique_ptr<StateStore>> StateStore::Open(std::string directory, Hook hook) {
  std::error_code error;
  const bool made = fs::create_directories(directory, error);
  if (!error && made) fs::permissions(directory, fs::perms::owner_all, error);
  if (error) return Failure("cannot make", directory, error.value());
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0)
    return Failure("cannot write to", directory, errno);
  auto lock = std::make_unique<Lock>(fmt::format("{}/{}", directory, kLock));
  if (!lock->Take()) {
    if (errno == EWOULDBLOCK)
      return absl::UnavailableError(directory + " belongs to another process that runs");
    return Failure("cannot lock", directory, errno);
  }
  return std::unique_ptr<StateStore>(new StateStore(std::move(directory), std::move(lock), std::move(hook)));
}

std::vector<KeptRevision> StateStore::Load() const {
  std::vector<KeptRevision> kept;
  for (const uint64_t number : Revisions()) {
    const std::string path = PathOf(number);
    const std::optional<std::string> content = ReadAll(path);
    std::string problem = "cannot be read";
    std::optional<KeptRevision> revision;
    if (content) revision = DecodeRevision(*content, &problem);
    if (revision && revision->info.revision == number) {
      kept.push_back(*std::move(revision));
    } else {
      telemetry::LogWarning(fmt::format("{} {}; it is passed over", path, problem));
    }
  }
  return kept;
}

uint64_t StateStore::HighestRevision() const {
  const std::vector<uint64_t> numbers = Revisions();
  return numbers.empty() ? 0 : numbers.back();
}

absl::StatusOr<FencingTokens> StateStore::LoadFencingTokens(config::Owner alone) const {
  const std::string path = fmt::format("{}/{}", directory_, kFencingTokens);
  if (!fs::exists(path)) return FencingTokens();
  const std::optional<std::string> content = ReadAll(path);
  std::optional<FencingTokens> tokens = content ? DecodeTokens(*content, alone) : std::nullopt;
  if (!tokens) return absl::DataLossError(fmt::format("{} holds no fencing tokens", path));
  return *std::move(tokens);
}

absl::Status StateStore::Save(const KeptRevision& revision, uint64_t replaced) {
  const std::string path = PathOf(revision.info.revision);
  const absl::Status status = Replace(fs::path(path).filename(), EncodeRevision(revision));
  if (status.ok()) {
    if (spare_ != 0) ::unlink(PathOf(spare_).c_str());
    spare_ = replaced;
    RemoveOld();
  } else {
    ::unlink(path.c_str());  // who is told that it failed must not find it in force after a restart
  }
  return status;
}

absl::Status StateStore::SaveFencingTokens(const FencingTokens& tokens) {
  return Replace(std::string(kFencingTokens), EncodeTokens(tokens));
}

absl::Status StateStore::Replace(const std::string& name, std::string_view content) {
  const std::string temporary = fmt::format("{}/{}", directory_, kTemporary);
  const std::string target = fmt::format("{}/{}", directory_, name);
  if (absl::Status status = WriteDurably(temporary, content); !status.ok()) return status;
  if (absl::Status status = hook_(Step::kRename); !status.ok()) return status;
  if (::rename(temporary.c_str(), target.c_str()) != 0) return Failure("cannot rename to", target, errno);
  return SyncDirectory();
}

absl::Status StateStore::WriteDurably(const std::string& path, std::string_view content) {
  if (absl::Status status = hook_(Step::kOpen); !status.ok()) return status;
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.fd() < 0) return Failure("cannot open", path, errno);
  if (absl::Status status = hook_(Step::kWrite); !status.ok()) return status;
  if (!WriteAll(file.fd(), content)) return Failure("cannot write to", path, errno);
  if (absl::Status status = hook_(Step::kSync); !status.ok()) return status;
  if (::fsync(file.fd()) != 0) return Failure("cannot sync", path, errno);
  return absl::OkStatus();
}

absl::Status StateStore::SyncDirectory() {
  if (absl::Status status = hook_(Step::kSyncDirectory); !status.ok()) return status;
  const File directory(directory_, O_RDONLY | O_DIRECTORY);
  if (directory.fd() < 0 || ::fsync(directory.fd()) != 0) return Failure("cannot sync", directory_, errno);
  return hook_(Step::kDone);
}

std::vector<uint64_t> StateStore::Revisions() const {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.rfind(kPrefix, 0) != 0) continue;
    if (const auto number = Number(std::string_view(name).substr(kPrefix.size()))) numbers.push_back(*number);
  }
  // Numbers that leave no room for more are not ours.
  std::erase_if(numbers, [](uint64_t number) { return number > INT64_MAX; });
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string StateStore::PathOf(uint64_t revision) const {
  return fmt::format("{}/{}{}", directory_, kPrefix, revision);
}

void StateStore::RemoveOld() {
  const std::vector<uint64_t> numbers = Revisions();
  const size_t kept = History::kRevisions + (spare_ == 0 ? 0 : 1);
  for (size_t i = 0; i + kept < numbers.size(); ++i) ::unlink(PathOf(numbers[i]).c_str());
}

}  // namespace fairlead::apply
