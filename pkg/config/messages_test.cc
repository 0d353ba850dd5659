#include "pkg/config/messages.h"

#include <string>
#include <vector>

#include "fairlead/config/v1/config.pb.h"
#include "gmock/gmock.h"
#include "pkg/config/load.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

File Full() {
  return *LoadFile("pkg/config/testdata/full.yaml").file;
}

std::vector<std::string> Lines(const std::vector<Violation>& violations) {
  std::vector<std::string> lines;
  for (const Violation& violation : violations) lines.push_back(violation.ToString());
  return lines;
}

Cluster TwoEndpoints() {
  return LoadYaml(R"(
clusters:
- name: chat
  membership: API
  load_balancing: {policy: MAGLEV}
  endpoints: [{id: a, address: "127.0.0.1:1"}, {id: b, address: "127.0.0.1:2", weight: 3, state: DRAINING}]
)")
      .file->config.clusters.front();
}

TEST(Messages, SayEverythingThatTheValuesDo) {
  const File file = Full();
  const Checked<Config> again = ConfigFromMessage(ToMessage(file.config), file.bootstrap);
  ASSERT_THAT(Lines(again.violations), IsEmpty());
  EXPECT_TRUE(*again.value == file.config);
}

TEST(Messages, SurviveAsBytes) {
  const File file = Full();
  const Checked<Config> again = Parse(Serialize(file.config), file.bootstrap);
  ASSERT_TRUE(again.value.has_value());
  EXPECT_TRUE(*again.value == file.config);
  EXPECT_THAT(Parse("\x01garbage", {}).violations, SizeIs(1));
}

TEST(Messages, HaveTheSameBytesInWhateverOrderTheirMapsWereFilled) {
  v1::HeaderRules forwards, backwards;
  for (int i = 0; i < 40; ++i) {
    (*forwards.mutable_set())["name-" + std::to_string(i)] = "value";
    (*backwards.mutable_set())["name-" + std::to_string(39 - i)] = "value";
  }
  EXPECT_EQ(StableBytes(forwards), StableBytes(backwards));
  (*backwards.mutable_set())["name-7"] = "another";
  EXPECT_NE(StableBytes(forwards), StableBytes(backwards));
}

TEST(Messages, AreCheckedLikeAFile) {
  v1::Config message;
  message.add_listeners()->set_name("web");
  message.mutable_listeners(0)->set_address("127.0.0.1:9181");
  Bootstrap bootstrap;
  bootstrap.admin = base::SocketAddress::Parse("127.0.0.1:9181");
  const Checked<Config> config = ConfigFromMessage(message, bootstrap, "config");
  EXPECT_FALSE(config.value.has_value());
  ASSERT_THAT(config.violations, SizeIs(1));
  EXPECT_EQ(config.violations[0].path, "config.listeners[0].address");
}

TEST(Messages, AreRefusedWithFieldsThatNobodyKnows) {
  v1::Config message;
  message.add_clusters()->set_name("chat");
  v1::Endpoint* endpoint = message.mutable_clusters(0)->add_endpoints();
  endpoint->set_address("127.0.0.1:1");
  endpoint->GetReflection()->MutableUnknownFields(endpoint)->AddVarint(99, 1);
  EXPECT_THAT(Lines(ConfigFromMessage(message, {}, "config").violations),
              ElementsAre("config.clusters[0].endpoints[0].99: is a field that this version does not know, "
                          "leave it out, or run a version that does"));
  const std::vector<const v1::Endpoint*> endpoints = {endpoint};
  const auto checked = EndpointsFromMessages(endpoints, "upsert");
  ASSERT_THAT(checked.violations, SizeIs(1));
  EXPECT_EQ(checked.violations[0].path, "upsert[0].99");
}

TEST(EndpointsFromMessages, NamesTheFieldThatIsWrong) {
  v1::Endpoint good, bad;
  good.set_address("127.0.0.1:1");
  bad.set_address("127.0.0.1:0");
  const std::vector<const v1::Endpoint*> endpoints = {&good, &bad};
  const auto checked = EndpointsFromMessages(endpoints, "endpoints");
  ASSERT_THAT(checked.violations, SizeIs(1));
  EXPECT_EQ(checked.violations[0].path, "endpoints[1].address");
}

TEST(UpdateCluster, TakesTheFieldsOfTheMask) {
  v1::Cluster message;
  message.set_name("chat");
  message.mutable_load_balancing()->set_policy(v1::LOAD_BALANCING_POLICY_LEAST_CONNECTIONS);
  message.set_membership(v1::MEMBERSHIP_CONFIG);
  const Cluster before = TwoEndpoints();
  Checked<Cluster> updated = UpdateCluster(before, message, {"load_balancing"});
  ASSERT_TRUE(updated.value.has_value());
  EXPECT_EQ(updated.value->load_balancing.policy, Policy::kLeastConnections);
  EXPECT_EQ(updated.value->membership, Membership::kApi);
  EXPECT_EQ(updated.value->endpoints, before.endpoints);
}

TEST(UpdateCluster, GivesDefaultsToWhatTheMessageLeavesOut) {
  const v1::Cluster nothing;
  for (const char* path : {"load_balancing", "membership"}) {
    const Checked<Cluster> updated = UpdateCluster(TwoEndpoints(), nothing, {path});
    ASSERT_TRUE(updated.value.has_value()) << path;
    EXPECT_NE(*updated.value, TwoEndpoints()) << path;
  }
  EXPECT_THAT(UpdateCluster(TwoEndpoints(), nothing, {"endpoints"}).value->endpoints, IsEmpty());
}

TEST(UpdateCluster, RefusesAMaskThatNamesNoField) {
  const v1::Cluster nothing;
  EXPECT_THAT(UpdateCluster(TwoEndpoints(), nothing, {}).violations, SizeIs(1));
  const auto violations = UpdateCluster(TwoEndpoints(), nothing, {"name", "nonsense"}).violations;
  ASSERT_THAT(violations, SizeIs(2));
  EXPECT_EQ(violations[1].path, "update_mask.paths[1]");
  for (const char* path : {"", ".", "load_balancing..policy", ".load_balancing", "load_balancing."}) {
    EXPECT_THAT(UpdateCluster(TwoEndpoints(), nothing, {path}).violations, SizeIs(1)) << path;
  }
}

TEST(CheckMembership, TellsEndpointsApart) {
  Cluster cluster = TwoEndpoints();
  EXPECT_THAT(CheckMembership(cluster), IsEmpty());
  cluster.endpoints[1].address = cluster.endpoints[0].address;
  const auto violations = CheckMembership(cluster);
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].path, "endpoints[1].address");
}

}  // namespace
}  // namespace fairlead::config
