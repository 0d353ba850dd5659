#include "pkg/ctl/dial.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "pkg/base/read_file.h"

namespace fairlead::ctl {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;
// A proxy that is gone without a word is noticed within the sum of the two.
constexpr int kKeepaliveMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsFor(const Server& server) {
  if (server.address.starts_with("unix:")) return grpc::InsecureChannelCredentials();
  if (!server.tls.all()) {
    return absl::InvalidArgumentError(
        fmt::format("{} is a port, which asks for certificates: give --ca-file, --cert-file and --key-file "
                    "(or a unix socket: unix:/path)",
                    server.address));
  }
  grpc::SslCredentialsOptions options;
  const std::pair<const std::string*, std::string*> files[] = {
      {&server.tls.ca_file, &options.pem_root_certs},
      {&server.tls.cert_file, &options.pem_cert_chain},
      {&server.tls.key_file, &options.pem_private_key}};
  for (const auto& [path, text] : files) {
    absl::StatusOr<std::string> read = ReadWholeFile(*path);
    if (!read.ok()) return read.status();
    *text = *std::move(read);
  }
  return grpc::SslCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ChannelInterface>> Dial(const Server& server) {
  gpr_set_log_function([](gpr_log_func_args*) {});
  auto credentials = CredentialsFor(server);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!server.server_name.empty()) arguments.SetSslTargetNameOverride(server.server_name);
  return std::shared_ptr<grpc::ChannelInterface>(
      grpc::CreateCustomChannel(server.address, *credentials, arguments));
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  absl::StatusOr<std::string> text = base::ReadFile(path, kMaxMessageBytes);
  if (text.ok() && !text->empty()) return text;
  return absl::NotFoundError(fmt::format("cannot read {}: {}", path,
                                         text.ok() ? "it is empty" : std::string(text.status().message())));
}

}  // namespace fairlead::ctl
