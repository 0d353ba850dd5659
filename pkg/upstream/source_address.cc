#include "pkg/upstream/source_address.h"

#include <cstddef>
#include <utility>
#include <vector>

namespace fairlead::upstream {

absl::StatusOr<std::unique_ptr<loop::Connect>> ConnectFromSource(loop::Loop& loop,
                                                                 const base::SocketAddress& backend,
                                                                 const snapshot::Cluster& cluster,
                                                                 loop::Connect::Done done) {
  const std::vector<base::IpAddress>& sources = cluster.resilience().source_addresses;
  if (sources.empty() || backend.is_unix()) return loop::Connect::Start(loop, backend, {}, std::move(done));
  const bool v4 = backend.ip_port()->ip.is_v4();
  const uint64_t turn = cluster.state()->source_turn.fetch_add(1, std::memory_order_relaxed);
  std::vector<base::IpAddress> rotated;
  rotated.reserve(sources.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    const base::IpAddress& source = sources[(turn + i) % sources.size()];
    if (source.is_v4() == v4) rotated.push_back(source);
  }
  return loop::Connect::Start(loop, backend, rotated, std::move(done));
}

}  // namespace fairlead::upstream
