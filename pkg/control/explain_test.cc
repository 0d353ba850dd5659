#include "pkg/control/explain.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "pkg/config/load.h"

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
  Explanation Ask(const std::string& user) {
    const Question question{.listener = "",
                            .method = "GET",
                            .host = "a",
                            .target = "/",
                            .headers = {{"X-User", user}},
                            .client = base::IpAddress::Parse("192.0.2.1")};
    return Explain(*snapshot_, question, random_);
  }

  endpoint::Registry registry_{1};
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

}  // namespace
}  // namespace fairlead::control
