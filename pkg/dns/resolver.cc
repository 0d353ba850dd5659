#include "pkg/dns/resolver.h"

#include <ares.h>
#include <fmt/format.h>

#include <utility>

namespace fairlead::dns {

absl::StatusOr<std::unique_ptr<Resolver>> Resolver::Create(loop::Loop& loop, const Options& options) {
  std::unique_ptr<Resolver> resolver(new Resolver(loop));
  if (absl::Status opened = resolver->Open(options); !opened.ok()) return opened;
  return resolver;
}

absl::Status Resolver::Open(const Options& options) {
  ares_options init{};
  init.timeout = static_cast<int>(options.timeout.count());
  init.tries = options.tries;
  // Files first whatever nsswitch.conf says, whose other sources c-ares does not know.
  char files_then_dns[] = "fb";
  init.lookups = files_then_dns;
  init.sock_state_cb_data = this;
  init.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Resolver*>(self)->WatchSocket(fd, readable != 0, writable != 0);
  };
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
  int rc = ares_init_options(&channel_, &init, mask);
  if (rc != ARES_SUCCESS) {
    return absl::UnavailableError(fmt::format("start the resolver: {}", ares_strerror(rc)));
  }
  if (options.servers.empty()) return absl::OkStatus();
  rc = ares_set_servers_ports_csv(channel_, options.servers.c_str());
  if (rc == ARES_SUCCESS) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("name servers {}: {}", options.servers, ares_strerror(rc)));
}

Resolver::~Resolver() {
  // Calls back whatever is under way, and WatchSocket for each socket it closes.
  if (channel_ != nullptr) ares_destroy(channel_);
}

void Resolver::WatchSocket(int fd, bool readable, bool writable) {
  // The descriptor is closed next, and its number may come back as another's.
  if (!readable && !writable) {
    sockets_.erase(fd);
    return;
  }
  std::unique_ptr<loop::FdWatcher>& watcher = sockets_[fd];
  if (!watcher) {
    watcher = std::make_unique<loop::FdWatcher>(loop_, fd, [this, fd](bool can_read, bool can_write) {
      Process(can_read ? fd : ARES_SOCKET_BAD, can_write ? fd : ARES_SOCKET_BAD);
    });
  }
  watcher->Watch(readable, writable);
}

void Resolver::Process(int readable_fd, int writable_fd) {
  ares_process_fd(channel_, readable_fd, writable_fd);
  RearmTimeout();
}

void Resolver::OnDeadline(base::MonotonicTime) {
  Process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void Resolver::RearmTimeout() {
  timeval next;
  if (ares_timeout(channel_, nullptr, &next) == nullptr) {
    Disarm();
    return;
  }
  const auto wait = std::chrono::seconds(next.tv_sec) + std::chrono::microseconds(next.tv_usec);
  loop_.deadlines().Arm(*this, loop_.Now() + wait);
}

}  // namespace fairlead::dns
