#include "pkg/ctl/serve.h"

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <optional>

#include "pkg/config/load.h"
#include "pkg/ctl/client.h"
#include "pkg/ctl/dial.h"
#include "pkg/ctl/fleet_server.h"

namespace fairlead::ctl {
namespace {

// Between two looks at the file. Looking at what it says, not at its times or its inode, sees every way to
// change it: in place, replaced, behind a symbolic link, on any file system.
constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 250'000'000};

// SIGINT and SIGTERM, held from now on in this thread and those that it starts.
sigset_t HoldSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// A configuration file, looked at now and then.
class WatchedFile {
 public:
  explicit WatchedFile(std::string path) : path_(std::move(path)) {}

  // What it says, if that is something new.
  std::optional<config::Loaded> Look() {
    absl::StatusOr<std::string> text = ReadWholeFile(path_);
    const bool readable = text.ok();
    std::string seen = readable ? *std::move(text) : "";
    if (looked_ && seen == seen_) return std::nullopt;
    looked_ = true;
    seen_ = std::move(seen);
    return readable ? config::LoadYaml(seen_) : config::LoadFile(path_);
  }

 private:
  const std::string path_;
  bool looked_ = false;
  std::string seen_;
};

FleetEvent Rejected(const std::string& path, const std::vector<config::Violation>& violations) {
  FleetEvent event{.kind = FleetEvent::Kind::kRejected, .node = "", .text = path, .violations = {}};
  for (const config::Violation& violation : violations) event.violations.push_back(violation.ToString());
  return event;
}

}  // namespace

ExitCode Serve(const Session& session, const std::string& path, const std::string& listen) {
  const auto print = [&session](const FleetEvent& event) {
    const base::WallTime now = std::chrono::system_clock::now();
    Print(session.format == Format::kJson ? EventToJson(event, now)
                                          : DescribeEvent(event, now, session.style));
  };
  const sigset_t signals = HoldSignals();
  WatchedFile file(path);
  std::optional<config::Loaded> loaded = file.Look();
  if (!loaded->file) {
    for (const config::Violation& violation : loaded->violations) PrintError(violation.ToString() + "\n");
    return kRefused;
  }
  auto server = FleetServer::Start(listen, session.server.tls, print);
  if (!server.ok()) {
    PrintError(std::string(server.status().message()) + "\n");
    return absl::IsInvalidArgument(server.status()) ? kUsage : kRefused;
  }
  PrintError(fmt::format("fleet: listening on {}\n", (*server)->address()));
  std::optional<config::Config> published;
  while (true) {
    if (loaded && !loaded->file) print(Rejected(path, loaded->violations));
    if (loaded && loaded->file && loaded->file->config != published) {
      published = loaded->file->config;
      (*server)->Publish(*published);
    }
    if (::sigtimedwait(&signals, nullptr, &kLook) > 0) return kDone;
    loaded = file.Look();
  }
}

}  // namespace fairlead::ctl
