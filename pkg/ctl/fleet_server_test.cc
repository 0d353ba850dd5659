#include "pkg/ctl/fleet_server.h"

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "fairlead/control/v1/fleet_service.grpc.pb.h"
#include "pkg/config/load.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using Kind = FleetEvent::Kind;

config::Config ConfigWith(const std::string& cluster) {
  return config::LoadYaml(
             "listeners: [{name: web, address: 127.0.0.1:0}]\n"
             "virtual_hosts: [{name: any, domains: ['*'], routes: [{name: all, match: {prefix: /}, "
             "cluster: " +
             cluster + "}]}]\nclusters: [{name: " + cluster + ", endpoints: []}]\n")
      .file->config;
}

// What the server reports, in order.
class Events {
 public:
  void Add(const FleetEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  // Waits for the next one.
  FleetEvent Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !events_.empty(); });
    FleetEvent event = events_.front();
    events_.pop_front();
    return event;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<FleetEvent> events_;
};

class FleetServerTest : public testing::Test {
 protected:
  FleetServerTest() {
    auto started =
        FleetServer::Start("127.0.0.1:0", {}, [this](const FleetEvent& event) { events_.Add(event); });
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  Events events_;
  std::unique_ptr<FleetServer> server_;
};

// A proxy's end of the stream.
class Sidecar {
 public:
  explicit Sidecar(const std::string& address)
      : stub_(v1::FleetService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))),
        stream_(stub_->SyncConfig(&context_)) {}
  ~Sidecar() {
    if (ended_) return;
    context_.TryCancel();
    (void)stream_->Finish();
  }

  void SayHello(uint64_t revision, const std::string& hash) {
    v1::SyncConfigRequest request;
    request.mutable_hello()->set_node_id("pod-1");
    request.mutable_hello()->set_version("1");
    request.mutable_hello()->set_revision(revision);
    request.mutable_hello()->set_hash(hash);
    EXPECT_TRUE(stream_->Write(request));
  }
  v1::SyncConfigResponse Read() {
    v1::SyncConfigResponse update;
    EXPECT_TRUE(stream_->Read(&update));
    return update;
  }
  void Ack(const v1::SyncConfigResponse& update) {
    v1::SyncConfigRequest request;
    request.mutable_ack()->set_nonce(update.nonce());
    EXPECT_TRUE(stream_->Write(request));
  }
  void Nack(const v1::SyncConfigResponse& update, const std::string& field) {
    v1::SyncConfigRequest request;
    request.mutable_nack()->set_nonce(update.nonce());
    v1::Violation& violation = *request.mutable_nack()->add_violations();
    violation.set_field(field);
    violation.set_description("is wrong, make it right");
    EXPECT_TRUE(stream_->Write(request));
  }
  // How the server ends the stream.
  grpc::Status End() {
    ended_ = true;
    return stream_->Finish();
  }

 private:
  bool ended_ = false;
  std::unique_ptr<v1::FleetService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SyncConfigRequest, v1::SyncConfigResponse>> stream_;
};

TEST_F(FleetServerTest, SendsWhatIsPublishedAndReportsTheAnswers) {
  server_->Publish(ConfigWith("one"));
  EXPECT_EQ(events_.Next().kind, Kind::kPublished);
  {
    Sidecar sidecar(server_->address());
    sidecar.SayHello(0, "");
    EXPECT_EQ(events_.Next().kind, Kind::kConnected);
    const auto first = sidecar.Read();
    EXPECT_EQ(first.revision(), 1u);
    EXPECT_EQ(first.config().clusters(0).name(), "one");
    sidecar.Ack(first);
    const FleetEvent acked = events_.Next();
    EXPECT_EQ(acked.kind, Kind::kAcked);
    EXPECT_EQ(acked.node, "pod-1");
    EXPECT_EQ(acked.revision, 1u);

    server_->Publish(ConfigWith("two"));
    EXPECT_EQ(events_.Next().kind, Kind::kPublished);
    const auto second = sidecar.Read();
    EXPECT_EQ(second.revision(), 2u);
    EXPECT_EQ(second.config().clusters(0).name(), "two");
    EXPECT_NE(second.hash(), first.hash());
    sidecar.Nack(second, "config.clusters[0].name");
    const FleetEvent nacked = events_.Next();
    EXPECT_EQ(nacked.kind, Kind::kNacked);
    EXPECT_EQ(nacked.revision, 2u);
    EXPECT_THAT(nacked.violations, testing::ElementsAre("config.clusters[0].name: is wrong, make it right"));
  }
  const FleetEvent gone = events_.Next();
  EXPECT_EQ(gone.kind, Kind::kGone);
  EXPECT_EQ(gone.node, "pod-1");
}

TEST_F(FleetServerTest, GoesOnFromWhatASidecarHasFromAPlaneBefore) {
  server_->Publish(ConfigWith("one"));
  Sidecar ahead(server_->address());
  ahead.SayHello(41, "other");
  const auto update = ahead.Read();
  EXPECT_EQ(update.revision(), 42u);
  Sidecar same(server_->address());
  same.SayHello(42, update.hash());
  EXPECT_EQ(same.Read().revision(), 42u) << "the same revision of the same is no reason for another";
  Sidecar differs(server_->address());
  differs.SayHello(42, "other");
  EXPECT_EQ(differs.Read().revision(), 43u);
  EXPECT_EQ(ahead.Read().revision(), 43u) << "a revision is one for all";
}

TEST_F(FleetServerTest, DoesNotGoOnFromWhatNoPlaneCanHaveCounted) {
  server_->Publish(ConfigWith("one"));
  Sidecar wild(server_->address());
  wild.SayHello(UINT64_MAX, "");
  EXPECT_EQ(wild.End().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  Sidecar sane(server_->address());
  sane.SayHello(0, "");
  EXPECT_EQ(sane.Read().revision(), 1u);
}

TEST_F(FleetServerTest, RefusesWhoDoesNotSayHello) {
  Sidecar rude(server_->address());
  rude.Ack(v1::SyncConfigResponse());
  EXPECT_EQ(rude.End().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(FleetServer, AsksForCertificatesWhereOthersCanReachIt) {
  const auto started = FleetServer::Start("0.0.0.0:0", {}, [](const FleetEvent&) {});
  EXPECT_EQ(started.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(FleetServer, NamesAnAddressThatIsNone) {
  const auto started = FleetServer::Start("here", {}, [](const FleetEvent&) {});
  EXPECT_EQ(started.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace fairlead::ctl
