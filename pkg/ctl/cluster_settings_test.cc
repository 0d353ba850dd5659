#include "pkg/ctl/cluster_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairlead/config/v1/config.pb.h"

namespace fairlead::ctl {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::vector<std::string> WrongWith(const std::vector<std::string>& settings) {
  config::v1::Cluster cluster;
  std::vector<std::string> mask;
  std::vector<std::string> lines;
  for (const config::Violation& violation : TakeSettings(settings, &cluster, &mask)) {
    lines.push_back(violation.ToString());
  }
  return lines;
}

TEST(TakeSettings, ReadsValuesAsInTheFile) {
  config::v1::Cluster cluster;
  std::vector<std::string> mask;
  const auto violations =
      TakeSettings({"load_balancing.policy=MAGLEV", "load_balancing.hash_key=[{source_ip: {}}]",
                    "dns.refresh_interval=1m30s", "membership=API"},
                   &cluster, &mask);
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(cluster.load_balancing().policy(), config::v1::LOAD_BALANCING_POLICY_MAGLEV);
  ASSERT_EQ(cluster.load_balancing().hash_key_size(), 1);
  EXPECT_TRUE(cluster.load_balancing().hash_key(0).has_source_ip());
  EXPECT_EQ(cluster.dns().refresh_interval().seconds(), 90);
  EXPECT_EQ(cluster.membership(), config::v1::MEMBERSHIP_API);
  EXPECT_THAT(mask, ElementsAre("load_balancing.policy", "load_balancing.hash_key", "dns.refresh_interval",
                                "membership"));
}

TEST(TakeSettings, WithoutAValueIsTheDefault) {
  config::v1::Cluster cluster;
  std::vector<std::string> mask;
  EXPECT_TRUE(TakeSettings({"load_balancing="}, &cluster, &mask).empty());
  EXPECT_FALSE(cluster.has_load_balancing());
  EXPECT_THAT(mask, ElementsAre("load_balancing"));
}

TEST(TakeSettings, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(WrongWith({"load_balancing.policy=MAGLEF"}),
              ElementsAre(StartsWith("load_balancing.policy: ")));
  EXPECT_THAT(WrongWith({"load_balancing.polcy=MAGLEV"}), ElementsAre(StartsWith("load_balancing.polcy: ")));
  EXPECT_THAT(WrongWith({"MAGLEV"}), ElementsAre("MAGLEV: is no setting, write FIELD=VALUE, such as "
                                                 "load_balancing.policy=MAGLEV"));
  EXPECT_THAT(WrongWith({"membership=API", "membership=CONFIG"}),
              ElementsAre("membership: is there twice, give each field once"));
  EXPECT_THAT(WrongWith({"load_balancing.hash_key=[{"}),
              ElementsAre(StartsWith("load_balancing.hash_key: ")));
}

}  // namespace
}  // namespace fairlead::ctl
