#include "pkg/control/explain.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/config/load.h"
#include "pkg/endpoint/lease.h"

namespace fairlead::control {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kYaml[] = R"(
listeners: [{name: web, address: "127.0.0.1:8080"}]
virtual_hosts:
- name: host
  domains: ["*"]
  routes: [{name: ws, match: {prefix: /}, cluster: chat}]
clusters:
- name: chat
  load_balancing: {policy: MAGLEV, hash_key: [{header: x-user}, {source_ip: {}}]}
  endpoints:
  - {id: good, address: "127.0.0.1:1"}
  - {id: sick, address: "127.0.0.1:2"}
  - {id: leaving, address: "127.0.0.1:3", state: DRAINING}
  - {id: reserve, address: "127.0.0.1:4", priority: 1}
  - {id: fine, address: "127.0.0.1:5"}
  - {id: well, address: "127.0.0.1:6"}
)";

class ExplainTest : public ::testing::Test {
 protected:
  Explanation Ask(const std::string& user, const std::string& cookie = "") {
    const Question question{.listener = "",
                            .method = "GET",
                            .host = "a",
                            .target = "/",
                            .headers = {{"X-User", user}, {"Cookie", cookie}},
                            .client = base::IpAddress::Parse("192.0.2.1")};
    return Explain(*snapshot_, sealers_, question, random_);
  }

  void Load(const std::string& yaml) {
    snapshot_ = snapshot::Compile(std::make_shared<const config::Config>(config::LoadYaml(yaml).file->config),
                                  {}, nullptr, registry_, 1);
  }

  endpoint::Registry registry_{1};
  std::shared_ptr<const sticky::Sealer> sealer_ =
      std::make_shared<const sticky::Sealer>(std::string(32, 's'));
  sticky::Sealers sealers_ = {{"chat", sealer_}};
  base::Random random_{1};
  std::shared_ptr<const snapshot::Snapshot> snapshot_ =
      snapshot::Compile(std::make_shared<const config::Config>(config::LoadYaml(kYaml).file->config), {},
                        nullptr, registry_, 1);
};

TEST_F(ExplainTest, SaysWhoIsPassedOverAndWhy) {
  snapshot_->clusters()[0]->endpoints()[1]->SetUnhealthy(true);
  for (int user = 0; user < 50; ++user) {
    const Explanation explanation = Ask(std::to_string(user));
    EXPECT_THAT(explanation.endpoint, ::testing::AnyOf("good", "fine", "well"));
    EXPECT_THAT(explanation.passed_over, ElementsAre(Pair("sick", "unhealthy"), Pair("leaving", "draining"),
                                                     Pair("reserve", "other priority")));
    EXPECT_THAT(explanation.steps, Contains("passes over sick: unhealthy"));
  }
}

TEST_F(ExplainTest, SaysWhereTheKeyIsFrom) {
  EXPECT_THAT(Ask("ada").steps, Contains(HasSubstr("from header x-user")));
  EXPECT_THAT(Ask("").steps, Contains(HasSubstr("from the client's address")));
  EXPECT_EQ(Ask("ada").endpoint, snapshot_->clusters()[0]->Preview(Ask("ada").key, random_)->label());
}

TEST_F(ExplainTest, SaysWhenHealthIsIgnored) {
  for (const size_t place : {0, 1, 3, 4}) snapshot_->clusters()[0]->endpoints()[place]->SetUnhealthy(true);
  EXPECT_THAT(Ask("ada").steps, Contains(HasSubstr("health is ignored")));
}

TEST_F(ExplainTest, FollowsTheStickyCookie) {
  std::string yaml = kYaml;
  yaml.replace(yaml.find("load_balancing"), 0, "sticky_cookie: {name: stick}\n  ");
  Load(yaml);
  const std::string cookie = "stick=" + sealer_->Seal("chat", "leaving");
  EXPECT_EQ(Ask("ada", cookie).endpoint, "leaving") << "it drains, and who is there may return";
  EXPECT_THAT(Ask("ada", cookie).steps, Contains("cookie stick names leaving: goes there"));
  snapshot_->clusters()[0]->endpoints()[2]->SetUnhealthy(true);
  const Explanation other = Ask("ada", cookie);
  EXPECT_THAT(other.steps, Contains("cookie stick names leaving, which does not take it now"));
  EXPECT_EQ(other.endpoint, Ask("ada").endpoint);
}

TEST_F(ExplainTest, KnowsTheCookieThatIsIssued) {
  std::string yaml = kYaml;
  constexpr std::string_view kKeys = "[{header: x-user}, {source_ip: {}}]";
  yaml.replace(yaml.find(kKeys), kKeys.size(), "[{cookie: {name: sid, issue: {}}}]");
  Load(yaml);
  const Explanation explanation = Ask("ada");
  EXPECT_TRUE(explanation.key);
  EXPECT_THAT(explanation.steps, Contains(HasSubstr("from cookie sid, of which the client is given one")));
}

TEST_F(ExplainTest, SaysWhenTheClusterIsFull) {
  const auto lease = endpoint::Lease::Take(snapshot_->clusters()[0]->endpoints()[0]);
  snapshot_->clusters()[0]->state()->max_active = 1;
  const Explanation explanation = Ask("ada");
  EXPECT_EQ(explanation.endpoint, "");
  EXPECT_THAT(explanation.steps, Contains("cluster chat holds all that it may: 503"));
}

TEST_F(ExplainTest, NamesNoPriorityWhereNobodyIsPicked) {
  for (const auto& endpoint : snapshot_->clusters()[0]->endpoints()) endpoint->SetMaxActive(1);
  std::vector<endpoint::Lease> leases;
  for (const auto& endpoint : snapshot_->clusters()[0]->endpoints()) {
    leases.push_back(*endpoint::Lease::Take(endpoint));
  }
  const Explanation explanation = Ask("ada");
  EXPECT_EQ(explanation.endpoint, "");
  EXPECT_THAT(explanation.steps, ::testing::Not(Contains(HasSubstr("goes to priority"))));
}

}  // namespace
}  // namespace fairlead::control
