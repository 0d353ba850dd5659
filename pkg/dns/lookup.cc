#include "pkg/dns/lookup.h"

#include <ares.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

namespace fairlead::dns {
namespace {

absl::Status StatusOf(int rc, const std::string& name) {
  const std::string text = fmt::format("look up {}: {}", name, ares_strerror(rc));
  switch (rc) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
      return absl::NotFoundError(text);
    case ARES_EBADNAME:
      return absl::InvalidArgumentError(text);
    case ARES_ETIMEOUT:
      return absl::DeadlineExceededError(text);
    default:
      return absl::UnavailableError(text);
  }
}

std::vector<base::IpAddress> AddressesOf(const ares_addrinfo& info) {
  std::vector<base::IpAddress> addresses;
  for (const ares_addrinfo_node* node = info.nodes; node != nullptr; node = node->ai_next) {
    sockaddr_storage native{};
    std::memcpy(&native, node->ai_addr, std::min<size_t>(node->ai_addrlen, sizeof(native)));
    addresses.push_back(base::SocketAddress::FromNative(native, node->ai_addrlen).ip_port()->ip);
  }
  return addresses;
}

}  // namespace

// What c-ares points to. It cannot give up a single lookup, so this lives until it calls back, and where the
// answer is still wanted until that has been handed on.
struct Lookup::Query {
  Lookup* owner;  // null once given up
  loop::Loop& loop;
  std::string name;
  Done done;

  void OnResult(int rc, ares_addrinfo* info) {
    Answer answer = rc == ARES_SUCCESS ? Answer(AddressesOf(*info)) : Answer(StatusOf(rc, name));
    ares_freeaddrinfo(info);
    HandOn(std::move(answer));
  }

  // From the loop: literals and /etc/hosts are answered inside the constructor, and in a callback of c-ares
  // its channel must not be destroyed. Deletes this.
  void HandOn(Answer answer) {
    loop.Post([self = std::unique_ptr<Query>(this), answer = std::move(answer)]() mutable {
      if (self->owner == nullptr) return;
      self->owner->query_ = nullptr;
      self->done(std::move(answer));
    });
  }
};

Lookup::Lookup(Resolver& resolver, const std::string& name, Done done)
    : query_(new Query{.owner = this, .loop = resolver.loop(), .name = name, .done = std::move(done)}) {
  // c-ares would also ask a name server about an IPv4 address.
  if (const auto literal = base::IpAddress::Parse(name)) {
    query_->HandOn(std::vector{*literal});
    return;
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_flags = ARES_AI_NOSORT;  // sorting by reachability costs a socket for each address
  ares_getaddrinfo(
      resolver.channel(), name.c_str(), nullptr, &hints,
      [](void* query, int rc, int, ares_addrinfo* info) { static_cast<Query*>(query)->OnResult(rc, info); },
      query_);
  resolver.RearmTimeout();
}

Lookup::~Lookup() {
  if (query_ != nullptr) query_->owner = nullptr;
}

}  // namespace fairlead::dns
