#include "pkg/control/control_server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <utility>
#include <vector>

#include "pkg/control/call.h"
#include "pkg/control/control_certificates.h"
#include "pkg/control/grpc_limits.h"
#include "pkg/control/local_socket.h"
#include "pkg/control/unreadable_requests.h"

namespace fairlead::control {
namespace {

// For calls under way when the server goes; those that watch never end by themselves.
constexpr std::chrono::milliseconds kGrace{200};

void Configure(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Clients may ask as often as we do.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kKeepaliveMs / 2);
  // Two proxies must not share a port in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Only reflection is served by a thread a call; the rest is by callback.
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 2);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(MakeUnreadableRequests());
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
}

// The copies are looked at once a second; the files that they are of, as often as is configured.
std::shared_ptr<grpc::ServerCredentials> MutualTls(const ControlCertificates& certificates) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          certificates.key_path(), certificates.cert_path(), certificates.client_ca_path(), 1u));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

// In the order in which they need one another: the socket hands connections to the server.
struct ControlServer::Parts {
  std::unique_ptr<ControlCertificates> certificates;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<LocalSocket> socket;
};

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(const Backing& backing) {
  const config::Control& control = backing.bootstrap->control;
  base::SocketAddress address = *control.address;
  auto parts = std::make_unique<Parts>();
  parts->services.push_back(MakeConfigService(backing));
  parts->services.push_back(MakeStatusService(backing));
  parts->services.push_back(MakeTunnelService(backing));

  grpc::EnableDefaultHealthCheckService(true);
  if (address.is_unix()) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  Configure(builder);
  for (const auto& service : parts->services) builder.RegisterService(service.get());
  int port = 0;
  if (!address.is_unix()) {
    if (!control.tls) return absl::InvalidArgumentError("control.address: a port needs control.tls");
    auto certificates = ControlCertificates::Load(*control.tls, backing.certificates_every);
    if (!certificates.ok()) return certificates.status();
    parts->certificates = *std::move(certificates);
    builder.AddListeningPort(address.ToString(), MutualTls(*parts->certificates), &port);
  }
  parts->server = builder.BuildAndStart();
  if (!parts->server || (!address.is_unix() && port == 0)) {
    return absl::UnavailableError(fmt::format("control: cannot listen on {}", address.ToString()));
  }
  if (address.is_unix()) {
    auto socket = LocalSocket::Listen(*address.unix_path(), [server = parts->server.get()](int fd) {
      grpc::AddInsecureChannelFromFd(server, fd);
    });
    if (!socket.ok()) return socket.status();
    parts->socket = *std::move(socket);
  } else {
    address =
        base::SocketAddress(base::IpPort{.ip = address.ip_port()->ip, .port = static_cast<uint16_t>(port)});
  }
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(address), std::move(parts)));
}

ControlServer::ControlServer(base::SocketAddress address, std::unique_ptr<Parts> parts)
    : address_(std::move(address)), parts_(std::move(parts)) {}

ControlServer::~ControlServer() {
  parts_->socket.reset();
  parts_->server->Shutdown(std::chrono::system_clock::now() + kGrace);
}

}  // namespace fairlead::control
