#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fairlead/control/v1/config_service.grpc.pb.h"
#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "pkg/control/control_server.h"
#include "pkg/control/control_test.h"

namespace fairlead::control {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Authorities and the certificates that they sign, as PEM files of a directory.
class Certificates {
 public:
  explicit Certificates(const TemporaryDirectory& directory) : directory_(directory) {}

  void MakeAuthority(const std::string& name) {
    Run(fmt::format("openssl req -x509 {} -keyout {} -out {} -subj /CN={} -days 2", kNewKey,
                    Path(name, "key"), Path(name, "pem"), name));
  }

  // `alternative` is its subject alternative name, such as "URI:spiffe://example.org/reader".
  void Make(const std::string& name, const std::string& authority, const std::string& alternative) {
    std::ofstream(Path(name, "ext")) << "subjectAltName=" << alternative << "\n";
    Run(fmt::format("openssl req -new {} -keyout {} -out {} -subj /CN={}", kNewKey, Path(name, "key"),
                    Path(name, "csr"), name));
    Run(fmt::format("openssl x509 -req -in {} -CA {} -CAkey {} -CAcreateserial -days 2 -extfile {} -out {}",
                    Path(name, "csr"), Path(authority, "pem"), Path(authority, "key"), Path(name, "ext"),
                    Path(name, "pem")));
  }

  std::string Path(const std::string& name, const std::string& kind) const {
    return directory_.Path(name + "." + kind);
  }

 private:
  static constexpr const char* kNewKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

  static void Run(const std::string& command) {
    ASSERT_EQ(std::system((command + " >/dev/null 2>&1").c_str()), 0) << command;
  }

  const TemporaryDirectory& directory_;
};

// A server on a port, which knows three peers.
class ControlServerTlsTest : public testing::Test {
 protected:
  ControlServerTlsTest() : certificates_(directory_) {
    certificates_.MakeAuthority("ca");
    certificates_.MakeAuthority("other-ca");
    certificates_.Make("server", "ca", "IP:127.0.0.1,DNS:localhost");
    for (const char* name : {"reader", "scaler", "nobody"}) {
      certificates_.Make(name, "ca", fmt::format("URI:spiffe://example.org/{}", name));
    }
    certificates_.Make("drainer", "ca", "DNS:drainer.example.org");
    certificates_.Make("stranger", "other-ca", "URI:spiffe://example.org/scaler");
    applier_.emplace(
        fmt::format("{{owner: PUSH, address: \"127.0.0.1:0\", tls: {{cert_file: {}, key_file: {}, "
                    "client_ca_file: {}, grants: ["
                    "{{peer: \"spiffe://example.org/reader\", roles: [READER]}}, "
                    "{{peer: \"spiffe://example.org/scaler\", roles: [ENDPOINT_WRITER]}}, "
                    "{{peer: drainer.example.org, roles: [DRAINER]}}]}}}}",
                    certificates_.Path("server", "pem"), certificates_.Path("server", "key"),
                    certificates_.Path("ca", "pem")));
    auto server = ControlServer::Start({.applier = applier_->applier.get(),
                                        .data_plane = &data_plane_,
                                        .bootstrap = &applier_->bootstrap,
                                        .fleet_status = nullptr,
                                        .certificates_every = std::chrono::seconds(1)});
    EXPECT_TRUE(server.ok()) << std::string(server.status().message());
    server_ = *std::move(server);
  }

  // As the peer of that certificate; empty = without one.
  // The server must have the name, where one is given.
  std::shared_ptr<grpc::Channel> ConnectAs(const std::string& name, const std::string& server_name = {}) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadAll(certificates_.Path("ca", "pem"));
    if (!name.empty()) {
      options.pem_cert_chain = ReadAll(certificates_.Path(name, "pem"));
      options.pem_private_key = ReadAll(certificates_.Path(name, "key"));
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    if (!server_name.empty()) arguments.SetSslTargetNameOverride(server_name);
    return grpc::CreateCustomChannel(server_->address().ToString(), grpc::SslCredentials(options), arguments);
  }

  grpc::Status GetAs(const std::string& name, const std::string& server_name = {}) {
    grpc::ClientContext context;
    v1::GetConfigResponse response;
    return v1::ConfigService::NewStub(ConnectAs(name, server_name))->GetConfig(&context, {}, &response);
  }

  grpc::Status PatchAs(const std::string& name) {
    grpc::ClientContext context;
    v1::PatchEndpointsRequest request;
    request.set_cluster("chat");
    request.add_remove_ids("a");
    v1::PatchEndpointsResponse response;
    return v1::ConfigService::NewStub(ConnectAs(name))->PatchEndpoints(&context, request, &response);
  }

  grpc::Status UpdateAs(const std::string& name) {
    grpc::ClientContext context;
    v1::UpdateClusterRequest request;
    request.mutable_cluster()->set_name("chat");
    request.mutable_update_mask()->add_paths("load_balancing.policy");
    v1::UpdateClusterResponse response;
    return v1::ConfigService::NewStub(ConnectAs(name))->UpdateCluster(&context, request, &response);
  }

  grpc::Status DrainAs(const std::string& name) {
    grpc::ClientContext context;
    v1::StartDrainResponse response;
    return v1::TunnelService::NewStub(ConnectAs(name))->StartDrain(&context, {}, &response);
  }

  TemporaryDirectory directory_;
  Certificates certificates_;
  std::optional<TestApplier> applier_;
  FakeDataPlane data_plane_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlServerTlsTest, TurnsAwayWhoShowsNoCertificateThatItTrusts) {
  EXPECT_EQ(GetAs("").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(GetAs("stranger").error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ControlServerTlsTest, GivesEachPeerItsRole) {
  EXPECT_TRUE(GetAs("reader").ok()) << GetAs("reader").error_message();
  EXPECT_TRUE(GetAs("scaler").ok());
  EXPECT_EQ(GetAs("nobody").error_code(), grpc::StatusCode::PERMISSION_DENIED);

  EXPECT_EQ(PatchAs("reader").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(PatchAs("scaler").ok());
  EXPECT_EQ(UpdateAs("scaler").error_code(), grpc::StatusCode::PERMISSION_DENIED);

  EXPECT_EQ(DrainAs("scaler").error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_FALSE(data_plane_.drained);
  EXPECT_TRUE(DrainAs("drainer").ok());
  EXPECT_TRUE(data_plane_.drained);
}

TEST_F(ControlServerTlsTest, ShowsANewCertificateAndTrustsANewAuthorityOnceTheyAreOnDisk) {
  ASSERT_TRUE(GetAs("reader").ok());
  certificates_.Make("renewed", "ca", "IP:127.0.0.1,DNS:renewed.example.org");
  for (const char* kind : {"key", "pem"}) {
    std::filesystem::rename(certificates_.Path("renewed", kind), certificates_.Path("server", kind));
  }
  const std::string both =
      ReadAll(certificates_.Path("ca", "pem")) + ReadAll(certificates_.Path("other-ca", "pem"));
  std::ofstream(certificates_.Path("both", "pem")) << both;
  std::filesystem::rename(certificates_.Path("both", "pem"), certificates_.Path("ca", "pem"));
  while (GetAs("reader", "renewed.example.org").error_code() == grpc::StatusCode::UNAVAILABLE) {
  }
  EXPECT_TRUE(GetAs("reader", "renewed.example.org").ok());
  while (GetAs("stranger").error_code() == grpc::StatusCode::UNAVAILABLE) {
  }
  EXPECT_TRUE(GetAs("stranger").ok()) << "it has the name of a peer that is known";
}

TEST_F(ControlServerTlsTest, NamesThePeerThatChangedSomething) {
  testing::internal::CaptureStdout();
  ASSERT_TRUE(PatchAs("scaler").ok());
  EXPECT_THAT(
      testing::internal::GetCapturedStdout(),
      testing::HasSubstr("control: PatchEndpoints by push:spiffe://example.org/scaler: revision 2, "));
  EXPECT_EQ(applier_->applier->revisions().front().source, "file")
      << "of the configuration, which is the same";
}

}  // namespace
}  // namespace fairlead::control
