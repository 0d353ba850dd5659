#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "pkg/apply/applier.h"
#include "pkg/apply/test_applier.h"
#include "tests/support/dead_ports.h"
#include "tests/support/fake_clock.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kTwoListeners =
    "listeners: [{name: one, address: 127.0.0.1:0}, {name: two, address: 127.0.0.2:0}]\n";

// A cluster of that name in front of a DNS name.
std::string Named(std::string_view cluster, std::string_view name) {
  return fmt::format("clusters: [{{name: {}, dns: {{name: {}, port: 80}}}}]\n", cluster, name);
}

// Whether nobody has it: this socket would share it with none.
bool IsFree(const std::string& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage native;
  const socklen_t length = base::SocketAddress::Parse(address)->ToNative(&native);
  const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&native), length) == 0;
  ::close(fd);
  return free;
}

// What an applier hands out: to the workers, and to whoever asks DNS.
class PublishingTest : public ::testing::Test {
 protected:
  // Applies it and waits until that is done. Returns the paths of what is wrong.
  std::vector<std::string> Apply(std::string_view yaml) {
    config::Loaded loaded =
        config::LoadYaml(fmt::format("telemetry: {{address: ''}}\nadmin: {{address: ''}}\n{}", yaml));
    for (const config::Violation& violation : loaded.violations) ADD_FAILURE() << violation.ToString();
    std::promise<std::vector<config::Violation>> done;
    applier_.Apply(*std::move(loaded.file), [&done](std::vector<config::Violation> violations) {
      done.set_value(std::move(violations));
    });
    std::vector<std::string> paths;
    for (const config::Violation& violation : done.get_future().get()) paths.push_back(violation.path);
    return paths;
  }
  // An answer of DNS; what comes of it is out when a change behind it is done.
  void Resolve(const std::string& cluster, const std::string& name, std::string_view address) {
    applier_.SetResolved(cluster, name, {*base::IpAddress::Parse(address)});
  }
  // Something that changes nothing else.
  std::string Drain(int seconds) const { return fmt::format("drain: {{delay: {}s}}\n", seconds); }

  const Publication& last() const { return published_.back(); }
  const snapshot::Cluster& FirstCluster() const { return *last().snapshot->clusters()[0]; }

  testing::FakeClock clock_;
  admission::Process process_{0};
  endpoint::Registry endpoints_{1};
  telemetry::ProcessStats stats_;
  // Written on the apply thread, read once a change is done.
  std::vector<Publication> published_;
  std::vector<std::vector<Applier::WatchedName>> watched_;
  Applier applier_{
      {.bootstrap = {},
       .workers = 2,
       .process = &process_,
       .endpoints = &endpoints_,
       .stats = &stats_,
       .clock = &clock_},
      {.publish = [this](const Publication& publication) { published_.push_back(publication); },
       .watch_names =
           [this](std::vector<Applier::WatchedName> names) { watched_.push_back(std::move(names)); }}};
};

TEST_F(PublishingTest, EveryListenerHasASocketForEachWorker) {
  EXPECT_THAT(Apply(kTwoListeners), IsEmpty());
  ASSERT_THAT(published_, SizeIs(1));
  ASSERT_THAT(last().listening, SizeIs(2));
  EXPECT_EQ(last().snapshot->listeners()[1].name, "two");
  EXPECT_EQ(last().listening[1].sockets->address().ip_port()->ip.ToString(), "127.0.0.2");
  EXPECT_THAT(last().listening[0].sockets->fds(), SizeIs(2));
  EXPECT_EQ(stats_.config_revision(), 1u);
  EXPECT_EQ(applier_.current()->listeners.size(), 2u);
}

TEST_F(PublishingTest, ASocketSurvivesWhateverElseChanges) {
  Apply(kTwoListeners);
  const auto one = last().listening[0].sockets;
  const auto gate = last().listening[0].gate;
  EXPECT_THAT(Apply(Drain(1) + "listeners: [{name: one, address: 127.0.0.1:0, "
                               "limits: {max_connections: 1}}]\n"),
              IsEmpty());
  EXPECT_EQ(last().listening[0].sockets, one);
  EXPECT_EQ(last().listening[0].gate, gate) << "what is open still counts";
  EXPECT_TRUE(gate->connections().TryTake());
  EXPECT_FALSE(gate->connections().TryTake()) << "the limit is the new one";
}

TEST_F(PublishingTest, ARenamedListenerKeepsItsSocketWhereItsPortIsGiven) {
  const testing::ClosedPort port;
  const auto listener = [&](std::string_view name) {
    return fmt::format("listeners: [{{name: {}, address: '127.0.0.77:{}'}}]\n", name,
                       port.address().ip_port()->port);
  };
  EXPECT_THAT(Apply(listener("one")), IsEmpty());
  EXPECT_THAT(Apply(listener("two")), IsEmpty());
  EXPECT_EQ(last().listening[0].sockets, published_[0].listening[0].sockets);
}

TEST_F(PublishingTest, TheKernelChoosesAPortForEachListenerThatAsks) {
  const std::string one = "{name: one, address: 127.0.0.1:0}", two = "{name: two, address: 127.0.0.1:0}";
  EXPECT_THAT(Apply(fmt::format("listeners: [{}]\n", one)), IsEmpty());
  EXPECT_THAT(Apply(fmt::format("listeners: [{}, {}]\n", two, one)), IsEmpty());
  EXPECT_EQ(last().listening[1].sockets, published_[0].listening[0].sockets);
  EXPECT_NE(last().listening[0].sockets, last().listening[1].sockets);
}

TEST_F(PublishingTest, ASocketThatNobodyNeedsIsClosed) {
  Apply(kTwoListeners);
  const std::weak_ptr<const loop::ListenSockets> two = last().listening[1].sockets;
  Apply("listeners: [{name: one, address: 127.0.0.1:0}]\n");
  published_.erase(published_.begin());
  EXPECT_TRUE(two.expired());
}

TEST_F(PublishingTest, AListenerMayComeBackBeforeTheWorkersHaveLetItGo) {
  const testing::ClosedPort port;
  const std::string listener =
      fmt::format("listeners: [{{name: one, address: '127.0.0.77:{}'}}]\n", port.address().ip_port()->port);
  EXPECT_THAT(Apply(listener), IsEmpty());
  EXPECT_THAT(Apply(Drain(1)), IsEmpty());
  EXPECT_THAT(Apply(listener), IsEmpty()) << "its own socket is in the way";
  EXPECT_EQ(last().listening[0].sockets, published_[0].listening[0].sockets);
  EXPECT_EQ(last().listening[0].gate, published_[0].listening[0].gate);
}

TEST_F(PublishingTest, AListenerMayComeBackWhileAWorkerClosesItsSockets) {
  const testing::ClosedPort port;
  const std::string listener =
      fmt::format("listeners: [{{name: one, address: '127.0.0.77:{}'}}]\n", port.address().ip_port()->port);
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(Apply(listener), IsEmpty()) << i;
    Apply(Drain(i % 5 + 1));
    std::thread worker([held = std::exchange(published_, {})]() mutable { held.clear(); });
    EXPECT_THAT(Apply(listener + Drain(7)), IsEmpty()) << i;
    worker.join();
    published_.clear();
    Apply(Drain(8));
    published_.clear();
  }
}

TEST_F(PublishingTest, OneAddressThatCannotBeBoundRefusesTheWholeChange) {
  const testing::ClosedPort port;
  const std::string fine = fmt::format("127.0.0.77:{}", port.address().ip_port()->port);
  const testing::BoundSocket taken;
  ::listen(taken.fd(), 1);
  Apply(kTwoListeners);
  EXPECT_THAT(Apply(fmt::format("{}listeners: [{{name: fine, address: '{}'}}, "
                                "{{name: taken, address: '{}'}}, {{name: foreign, address: 192.0.2.1:80}}]\n",
                                Drain(1), fine, taken.address().ToString())),
              ElementsAre("listeners[1].address", "listeners[2].address"));
  EXPECT_THAT(published_, SizeIs(1));
  EXPECT_EQ(applier_.current()->listeners[0].name, "one");
  EXPECT_TRUE(IsFree(fine)) << "the one that could be bound was let go";
  EXPECT_EQ(stats_.config_revision(), 1u);
  EXPECT_EQ(stats_.config_file_rejected(), 1u);

  EXPECT_THAT(Apply(Drain(2) + std::string(kTwoListeners)), IsEmpty());
  EXPECT_EQ(last().listening[0].sockets, published_[0].listening[0].sockets) << "what runs was not touched";
}

TEST_F(PublishingTest, WhatDnsSaysIsPublishedAndIsNoRevision) {
  EXPECT_THAT(Apply(Named("app", "app.example.com")), IsEmpty());
  EXPECT_THAT(FirstCluster().endpoints(), IsEmpty());
  Resolve("app", "app.example.com", "192.0.2.7");
  Apply(Named("app", "app.example.com") + Drain(1));
  ASSERT_THAT(published_, SizeIs(3));
  EXPECT_EQ(published_[1].snapshot->revision(), 1u);
  EXPECT_EQ(published_[1].snapshot->clusters()[0]->endpoints()[0]->address().ToString(), "192.0.2.7:80");
  EXPECT_EQ(stats_.config_revision(), 2u);
  EXPECT_EQ(FirstCluster().endpoints()[0]->address().ToString(), "192.0.2.7:80")
      << "what was resolved stays over other changes";
}

TEST_F(PublishingTest, NamesAreToldWhenTheyChange) {
  Apply(Named("app", "a.example.com"));
  Apply(Named("app", "a.example.com") + Drain(1));
  ASSERT_THAT(watched_, SizeIs(1));
  EXPECT_EQ(watched_[0][0].cluster, "app");
  EXPECT_EQ(watched_[0][0].dns.name, "a.example.com");
  Apply(Named("app", "b.example.com"));
  ASSERT_THAT(watched_, SizeIs(2));
  EXPECT_EQ(watched_[1][0].dns.name, "b.example.com");
  Apply(Drain(2));
  ASSERT_THAT(watched_, SizeIs(3));
  EXPECT_THAT(watched_[2], IsEmpty());
}

TEST_F(PublishingTest, WhatAnotherNameWasDoesNotAnswerForTheNewOne) {
  Apply(Named("app", "a.example.com"));
  Resolve("app", "a.example.com", "192.0.2.7");
  Apply(Named("app", "b.example.com"));
  EXPECT_THAT(FirstCluster().endpoints(), IsEmpty());
}

TEST_F(PublishingTest, AnAnswerForANameThatIsNoLongerWatchedIsForgotten) {
  Apply(Named("app", "a.example.com"));
  Apply(Drain(1));
  Resolve("app", "a.example.com", "192.0.2.7");
  Apply(Drain(2));
  EXPECT_THAT(published_, SizeIs(3));
}

TEST_F(PublishingTest, ALateAnswerForTheNameThatAClusterHadIsForgotten) {
  Apply(Named("app", "a.example.com"));
  Apply(Named("app", "b.example.com"));
  Resolve("app", "a.example.com", "192.0.2.7");
  Apply(Named("app", "b.example.com") + Drain(1));
  EXPECT_THAT(FirstCluster().endpoints(), IsEmpty());
}

TEST(Applier, ReadsAFileUnderWhatTheCommandLineSays) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/fairlead.yaml";
  std::ofstream(path) << "listeners: [{name: web, address: '127.0.0.1:19181'}]";
  const config::Overrides overrides{.admin_address = "127.0.0.1:19181"};
  TestApplier applier(config::Owner::kFile, {}, overrides);
  applier.Start();
  std::promise<std::vector<config::Violation>> done;
  applier->ApplyFile(path,
                     [&done](std::vector<config::Violation> wrong) { done.set_value(std::move(wrong)); });
  const std::vector<config::Violation> violations = done.get_future().get();
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].path, "listeners[0].address") << "the admin port has it";
}

TEST_F(PublishingTest, AFileThatIsWrongChangesNothing) {
  Apply(kTwoListeners);
  std::promise<std::vector<config::Violation>> done;
  ::testing::internal::CaptureStdout();
  applier_.ApplyFile("/nonexistent/fairlead.yaml", [&done](std::vector<config::Violation> violations) {
    done.set_value(std::move(violations));
  });
  EXPECT_THAT(done.get_future().get(), SizeIs(1));
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              HasSubstr("control: reload by file:/nonexistent/fairlead.yaml: refused: "));
  EXPECT_THAT(published_, SizeIs(1));
  EXPECT_EQ(stats_.config_file_rejected(), 1u);
  EXPECT_THAT(applier_.status().last_rejection, HasSubstr("file:/nonexistent/fairlead.yaml: "));
}

}  // namespace
}  // namespace fairlead::apply
