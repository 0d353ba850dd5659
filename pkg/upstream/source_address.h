#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "pkg/base/address.h"
#include "pkg/loop/connect.h"
#include "pkg/snapshot/cluster.h"

namespace fairlead::upstream {

// Begins to connect to a backend from the cluster's next source address of the backend's family. Where that
// has no port left, from the one after it. See loop::Connect::Start.
absl::StatusOr<std::unique_ptr<loop::Connect>> ConnectFromSource(loop::Loop& loop,
                                                                 const base::SocketAddress& backend,
                                                                 const snapshot::Cluster& cluster,
                                                                 loop::Connect::Done done);

}  // namespace fairlead::upstream
