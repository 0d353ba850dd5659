#include "pkg/upstream/source_address.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
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
  std::vector<base::IpAddress> rotated;
  rotated.reserve(sources.size());
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(rotated),
               [v4](const base::IpAddress& source) { return source.is_v4() == v4; });
  if (!rotated.empty()) {
    const uint64_t turn = cluster.state()->source_turns[v4 ? 0 : 1].fetch_add(1, std::memory_order_relaxed);
    std::rotate(rotated.begin(), rotated.begin() + static_cast<ptrdiff_t>(turn % rotated.size()),
                rotated.end());
  }
  return loop::Connect::Start(loop, backend, rotated, std::move(done));
}

}  // namespace fairlead::upstream
