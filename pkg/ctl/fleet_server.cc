#include "pkg/ctl/fleet_server.h"

#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "pkg/base/address.h"
#include "pkg/base/on_this_host.h"
#include "pkg/ctl/dial.h"
#include "pkg/ctl/fleet_service.h"

namespace fairlead::ctl {
namespace {

// A sidecar that is gone without a word is noticed within the sum of the two.
constexpr int kKeepaliveMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr unsigned kCertificateRefreshSeconds = 10;
constexpr mode_t kForOthers = 0077;
constexpr std::chrono::milliseconds kGrace{200};

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CredentialsFor(const base::SocketAddress& address,
                                                                        const TlsFiles& tls) {
  if (!tls.any() && base::IsOnThisHost(address.ToString())) return grpc::InsecureServerCredentials();
  if (!tls.all()) {
    return absl::InvalidArgumentError(
        "a port that others can reach asks for certificates: give --ca-file, --cert-file and --key-file");
  }
  for (const std::string& path : {tls.ca_file, tls.cert_file, tls.key_file}) {
    if (const auto text = ReadWholeFile(path); !text.ok()) return text.status();
  }
  // Read again when they change.
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          tls.key_file, tls.cert_file, tls.ca_file, kCertificateRefreshSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

void Configure(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Sidecars ask as often as we do.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kKeepaliveMs / 2);
  // Two planes must not share a port in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

struct FleetServer::Parts {
  explicit Parts(OnEvent on_event) : service(std::move(on_event)) {}

  FleetService service;
  std::unique_ptr<grpc::Server> server;
};

absl::StatusOr<std::unique_ptr<FleetServer>> FleetServer::Start(const std::string& address,
                                                                const TlsFiles& tls, OnEvent on_event) {
  const auto parsed = base::SocketAddress::Parse(address);
  if (!parsed) {
    return absl::InvalidArgumentError(
        fmt::format("--listen: \"{}\" is no address, write IP:port or unix:/path", address));
  }
  auto credentials = CredentialsFor(*parsed, tls);
  if (!credentials.ok()) return credentials.status();
  auto parts = std::make_unique<Parts>(std::move(on_event));
  grpc::ServerBuilder builder;
  Configure(builder);
  int port = 0;
  builder.AddListeningPort(address, *credentials, &port);
  builder.RegisterService(parts->service.service());
  // gRPC makes unix sockets that are open to everybody.
  const mode_t before = ::umask(kForOthers);
  parts->server = builder.BuildAndStart();
  ::umask(before);
  if (!parts->server || port == 0) {
    return absl::UnavailableError(fmt::format("cannot listen on {}; is another program there?", address));
  }
  std::string bound = address;
  if (!parsed->is_unix()) {
    bound = base::SocketAddress(base::IpPort{parsed->ip_port()->ip, static_cast<uint16_t>(port)}).ToString();
  }
  return std::unique_ptr<FleetServer>(new FleetServer(std::move(bound), std::move(parts)));
}

FleetServer::FleetServer(std::string address, std::unique_ptr<Parts> parts)
    : address_(std::move(address)), parts_(std::move(parts)) {}

FleetServer::~FleetServer() {
  parts_->server->Shutdown(std::chrono::system_clock::now() + kGrace);
}

void FleetServer::Publish(const config::Config& config) {
  parts_->service.Publish(config);
}

}  // namespace fairlead::ctl
