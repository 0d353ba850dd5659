#include "pkg/control/fleet_dial.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <string>

#include "pkg/base/on_this_host.h"
#include "pkg/control/grpc_limits.h"

namespace fairlead::control {
namespace {

constexpr int kConnectTimeoutMs = 10'000;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const config::Fleet& fleet,
                                                                      const FleetFiles& files) {
  if (fleet.ca_file.empty()) {
    if (base::IsOnThisHost(fleet.address)) return grpc::InsecureChannelCredentials();
    return absl::InvalidArgumentError("control.fleet: " + fleet.address + " needs a ca_file");
  }
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = files.ca;
  options.pem_cert_chain = files.chain;
  options.pem_private_key = files.key;
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> DialFleet(const config::Fleet& fleet, const FleetFiles& files,
                                                         base::Duration keepalive) {
  auto credentials = Credentials(fleet, files);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(keepalive.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(keepalive.count()));
  // A plane that has nothing to say for hours is no reason to stop asking whether it is there.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Also how long a connect may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // Attempts are ours to space: not by what gRPC remembers of an earlier channel to the same place.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!fleet.server_name.empty()) arguments.SetSslTargetNameOverride(fleet.server_name);
  return grpc::CreateCustomChannel(fleet.address, *credentials, arguments);
}

}  // namespace fairlead::control
