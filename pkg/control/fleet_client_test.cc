#include "pkg/control/fleet_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>

#include "fairlead/control/v1/fleet_service.grpc.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "pkg/config/messages.h"
#include "pkg/control/control_test.h"
#include "pkg/loop/listen_socket.h"

namespace fairlead::control {
namespace {

using ::testing::HasSubstr;
using Wire = grpc::ServerReaderWriter<v1::SyncConfigResponse, v1::SyncConfigRequest>;

// A control plane that a test speaks for: one stream at a time.
class FakePlane final : public v1::FleetService::Service {
 public:
  explicit FakePlane(const std::string& address) : address_(address) { Start(); }
  ~FakePlane() override { Stop(); }

  void Start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      hang_up_ = true;
    }
    changed_.notify_all();
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
    const std::lock_guard lock(mutex_);
    hang_up_ = false;
    said_.clear();
  }

  grpc::Status SyncConfig(grpc::ServerContext*, Wire* wire) override {
    {
      const std::lock_guard lock(mutex_);
      wire_ = wire;
    }
    v1::SyncConfigRequest request;
    while (wire->Read(&request)) {
      const std::lock_guard lock(mutex_);
      said_.push_back(request);
      changed_.notify_all();
      if (hang_up_) break;
    }
    const std::lock_guard lock(mutex_);
    wire_ = nullptr;
    return {};
  }

  // The next message of the proxy. Waits for it.
  v1::SyncConfigRequest Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !said_.empty(); });
    v1::SyncConfigRequest request = said_.front();
    said_.pop_front();
    return request;
  }

  // To the stream whose Hello was taken.
  void Send(const v1::SyncConfigResponse& update) {
    const std::lock_guard lock(mutex_);
    if (wire_ != nullptr) wire_->Write(update);
  }

  v1::SyncConfigRequest Ask(const v1::SyncConfigResponse& update) {
    Send(update);
    return Next();
  }

 private:
  const std::string address_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<v1::SyncConfigRequest> said_;
  Wire* wire_ = nullptr;
  bool hang_up_ = false;
  std::unique_ptr<grpc::Server> server_;
};

class FleetClientTest : public ::testing::Test {
 protected:
  FleetClientTest()
      : address_("unix:" + directory_.Path("plane.sock")),
        applier_("{owner: FLEET, fleet: {address: \"" + address_ + "\"}}"),
        plane_(std::in_place, address_) {
    client_.emplace(FleetClient::Options{.applier = applier_.applier.get(),
                                         .bootstrap = &applier_.bootstrap,
                                         .stats = &applier_.stats,
                                         .clock = &applier_.clock,
                                         .version = "1.2.3",
                                         .seed = 7,
                                         .look_every = base::Duration(10)});
  }

  // Somebody takes the configuration over for that long, and leaves it as it is.
  apply::Answer TakeOver(base::Duration time) {
    apply::Change change;
    change.origin = {.source = config::Owner::kPush, .who = "somebody"};
    change.what = apply::ReplaceConfig{*applier_.applier->current()};
    change.override_owner_for = time;
    std::promise<apply::Answer> answer;
    applier_.applier->Submit(std::move(change),
                             [&](apply::Answer given) { answer.set_value(std::move(given)); });
    return answer.get_future().get();
  }

  // What is in force, with the policy changed, as the plane's revision of that number.
  v1::SyncConfigResponse Whole(uint64_t revision, config::v1::LoadBalancingPolicy policy) {
    v1::SyncConfigResponse update;
    update.set_nonce("n" + std::to_string(revision));
    update.set_revision(revision);
    update.set_hash("h" + std::to_string(revision));
    *update.mutable_config() = config::ToMessage(*applier_.applier->current());
    update.mutable_config()->mutable_clusters(0)->mutable_load_balancing()->set_policy(policy);
    return update;
  }

  static v1::SyncConfigResponse Patch(uint64_t revision, uint64_t base) {
    v1::SyncConfigResponse update;
    update.set_nonce("p" + std::to_string(revision));
    update.set_revision(revision);
    update.set_hash("h" + std::to_string(revision));
    v1::EndpointPatch& patch = *update.mutable_endpoint_patch();
    patch.set_base_revision(base);
    patch.set_cluster("chat");
    patch.add_upsert()->set_id("new");
    patch.mutable_upsert(0)->set_address("127.0.0.1:9009");
    return update;
  }

  TemporaryDirectory directory_;
  const std::string address_;
  TestApplier applier_;
  std::optional<FakePlane> plane_;
  std::optional<FleetClient> client_;
};

constexpr auto kMaglev = config::v1::LOAD_BALANCING_POLICY_MAGLEV;

TEST_F(FleetClientTest, SaysHelloAndAppliesWhatItGets) {
  const v1::SyncConfigRequest hello = plane_->Next();
  ASSERT_TRUE(hello.has_hello());
  EXPECT_EQ(hello.hello().version(), "1.2.3");
  EXPECT_EQ(hello.hello().revision(), 0U);
  const v1::SyncConfigRequest answer = plane_->Ask(Whole(40, kMaglev));
  ASSERT_TRUE(answer.has_ack()) << answer.DebugString();
  EXPECT_EQ(answer.ack().nonce(), "n40");
  EXPECT_EQ(answer.ack().revision(), 40U);
  EXPECT_EQ(applier_.applier->current()->clusters[0].load_balancing.policy, config::Policy::kMaglev);
  EXPECT_TRUE(client_->status().connected);
  EXPECT_TRUE(applier_.stats.control_connected());
}

TEST_F(FleetClientTest, AppliesAPatchThatBuildsOnWhatItHas) {
  plane_->Next();
  ASSERT_TRUE(plane_->Ask(Whole(40, kMaglev)).has_ack());
  const v1::SyncConfigRequest answer = plane_->Ask(Patch(41, 40));
  ASSERT_TRUE(answer.has_ack()) << answer.DebugString();
  EXPECT_EQ(applier_.applier->current()->clusters[0].endpoints.size(), 3U);
  EXPECT_EQ(applier_.applier->status().fleet, (apply::FleetMark{.revision = 41, .hash = "h41"}));
}

TEST_F(FleetClientTest, AsksForTheWholeWhenAPatchHasNoBase) {
  plane_->Next();
  ASSERT_TRUE(plane_->Ask(Whole(40, kMaglev)).has_ack());
  const v1::SyncConfigRequest answer = plane_->Ask(Patch(43, 42));
  ASSERT_TRUE(answer.has_nack());
  EXPECT_TRUE(answer.nack().resync());
  EXPECT_EQ(answer.nack().revision(), 40U);
}

TEST_F(FleetClientTest, CountsWhatIsWrongBeyondTheFirstHundred) {
  plane_->Next();
  v1::SyncConfigResponse update = Whole(40, kMaglev);
  for (int i = 0; i < 150; ++i) {
    update.mutable_config()->mutable_clusters(0)->add_endpoints()->set_address("no\x1b address");
  }
  const v1::SyncConfigRequest answer = plane_->Ask(update);
  ASSERT_EQ(answer.nack().violations_size(), 101);
  EXPECT_EQ(answer.nack().violations(100).description(), "and 50 more");
  EXPECT_EQ(answer.nack().violations(0).description().find('\x1b'), std::string::npos);
}

TEST_F(FleetClientTest, RefusesWhatIsWrongAndGoesOn) {
  plane_->Next();
  v1::SyncConfigResponse update = Whole(40, kMaglev);
  update.mutable_config()->mutable_clusters(0)->mutable_endpoints(0)->set_address("nowhere");
  const v1::SyncConfigRequest answer = plane_->Ask(update);
  ASSERT_TRUE(answer.has_nack());
  EXPECT_EQ(answer.nack().violations(0).field(), "config.clusters[0].endpoints[0].address");
  EXPECT_EQ(answer.nack().revision(), 0U);
  EXPECT_EQ(applier_.stats.config_fleet_rejected(), 1U);
  EXPECT_TRUE(plane_->Ask(Whole(41, kMaglev)).has_ack());
}

TEST_F(FleetClientTest, RefusesAnUpdateOfWhichItKnowsNotEverything) {
  plane_->Next();
  v1::SyncConfigResponse update = Whole(40, kMaglev);
  config::v1::Config& config = *update.mutable_config();
  config.GetReflection()->MutableUnknownFields(&config)->AddVarint(99, 1);
  EXPECT_TRUE(plane_->Ask(update).has_nack());
  EXPECT_TRUE(plane_->Ask(v1::SyncConfigResponse()).has_nack());
}

TEST_F(FleetClientTest, RefusesARevisionThatIsOlderThanItsOwn) {
  plane_->Next();
  ASSERT_TRUE(plane_->Ask(Whole(40, kMaglev)).has_ack());
  const v1::SyncConfigRequest answer = plane_->Ask(Whole(39, config::v1::LOAD_BALANCING_POLICY_ROUND_ROBIN));
  ASSERT_TRUE(answer.has_nack());
  EXPECT_EQ(answer.nack().revision(), 40U);
}

TEST_F(FleetClientTest, AnswersEveryUpdateOfAFlood) {
  plane_->Next();
  constexpr uint64_t kUpdates = 200;
  for (uint64_t i = 1; i <= kUpdates; ++i) plane_->Send(Whole(i, kMaglev));
  for (uint64_t i = 1; i <= kUpdates; ++i) EXPECT_EQ(plane_->Next().ack().revision(), i);
}

TEST_F(FleetClientTest, DialsAgainAndSaysWhatItHas) {
  plane_->Next();
  ASSERT_TRUE(plane_->Ask(Whole(40, kMaglev)).has_ack());
  plane_->Stop();
  plane_->Start();
  const v1::SyncConfigRequest hello = plane_->Next();
  ASSERT_TRUE(hello.has_hello());
  EXPECT_EQ(hello.hello().revision(), 40U);
  EXPECT_EQ(hello.hello().hash(), "h40");
  EXPECT_EQ(applier_.applier->current()->clusters[0].load_balancing.policy, config::Policy::kMaglev);
}

TEST_F(FleetClientTest, AsksAgainForWhatWasRefusedDuringAnOverride) {
  plane_->Next();
  ASSERT_TRUE(TakeOver(base::Duration(500)).applied());
  ASSERT_TRUE(plane_->Ask(Whole(40, kMaglev)).has_nack());
  const v1::SyncConfigRequest again = plane_->Next();
  ASSERT_TRUE(again.has_hello()) << again.DebugString();
  EXPECT_FALSE(applier_.applier->status().overridden_by) << "it is over";
  EXPECT_TRUE(plane_->Ask(Whole(40, kMaglev)).has_ack());
}

TEST_F(FleetClientTest, SaysWhatAnOverrideHasLeftOnceItIsOver) {
  plane_->Next();
  ASSERT_TRUE(plane_->Ask(Whole(40, kMaglev)).has_ack());
  ASSERT_TRUE(TakeOver(base::Duration(1)).applied());
  const v1::SyncConfigRequest again = plane_->Next();
  ASSERT_TRUE(again.has_hello()) << again.DebugString();
  EXPECT_EQ(again.hello().revision(), 0U) << "what is in force is not the plane's";
}

TEST_F(FleetClientTest, GoesAtOnceWhileThePlaneHangs) {
  plane_->Next();
  client_.reset();
}

// What HTTP/2 (RFC 9113 §3.4) has a server say first: that it has no settings of its own.
constexpr std::string_view kEmptySettings("\0\0\0\4\0\0\0\0\0", 9);

TEST(FleetClient, NoticesAPlaneThatIsGoneWithoutAWord) {
  const auto server = loop::ListenSockets::Bind(*base::SocketAddress::Parse("127.0.0.1:0"), 1);
  ASSERT_TRUE(server.ok());
  TestApplier applier(
      fmt::format("{{owner: FLEET, fleet: {{address: \"{}\"}}}}", (*server)->address().ToString()));
  const FleetClient::Options options{.applier = applier.applier.get(),
                                     .bootstrap = &applier.bootstrap,
                                     .stats = &applier.stats,
                                     .clock = &applier.clock,
                                     .version = "1",
                                     .seed = 7};
  EXPECT_LE(2 * options.keepalive, std::chrono::seconds(30)) << "what it is, and this test has shortened";
  FleetClient::Options hurried = options;
  hurried.keepalive = base::Duration(200);
  const FleetClient client(hurried);
  pollfd waiting{.fd = (*server)->fds().front(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&waiting, 1, -1), 1);
  const int plane = ::accept(waiting.fd, nullptr, nullptr);
  ASSERT_EQ(::send(plane, kEmptySettings.data(), kEmptySettings.size(), MSG_NOSIGNAL), 9);
  std::array<char, 4096> heard;
  while (::recv(plane, heard.data(), heard.size(), 0) > 0) {
  }
  ::close(plane);
  while (client.status().last_error.empty()) std::this_thread::yield();
  EXPECT_THAT(client.status().last_error, HasSubstr("keepalive"));
}

// gRPC's own default allows a ping every five minutes.
TEST_F(FleetClientTest, NoticesThatAPlaneAllowsFewerPings) {
  client_.reset();
  client_.emplace(FleetClient::Options{.applier = applier_.applier.get(),
                                       .bootstrap = &applier_.bootstrap,
                                       .stats = &applier_.stats,
                                       .clock = &applier_.clock,
                                       .version = "1.2.3",
                                       .seed = 7,
                                       .keepalive = base::Duration(100)});
  while (client_->status().last_error.empty()) std::this_thread::yield();
  EXPECT_EQ(client_->status().last_error, "Too many pings");
}

TEST(FleetClient, GoesAtOnceWhenThereIsNoPlane) {
  TemporaryDirectory directory;
  TestApplier applier("{owner: FLEET, fleet: {address: \"unix:" + directory.Path("none.sock") + "\"}}");
  FleetClient client({.applier = applier.applier.get(),
                      .bootstrap = &applier.bootstrap,
                      .stats = &applier.stats,
                      .clock = &applier.clock,
                      .version = "1",
                      .seed = 7});
  EXPECT_FALSE(client.status().connected);
}

}  // namespace
}  // namespace fairlead::control
