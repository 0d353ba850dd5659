#include "pkg/snapshot/ties.h"

#include <gtest/gtest.h>

#include <string>

#include "pkg/balancer/stable_hash.h"
#include "pkg/endpoint/registry.h"

namespace fairlead::snapshot {
namespace {

class TiesTest : public ::testing::Test {
 protected:
  TiesTest() {
    config_.name = "chat";
    config_.endpoints.resize(1);
    config_.endpoints[0].address = *base::SocketAddress::Parse("192.0.2.1:80");
    config_.load_balancing.policy = config::Policy::kMaglev;
  }
  Ties Find() {
    const Cluster cluster(config_, {}, registry_);
    Ties ties = FindTies(cluster, {.path = "/", .headers = headers_}, &sealer_, random_);
    issues_ = ties.issue == nullptr ? "" : ties.issue->name;  // it goes with the cluster
    return ties;
  }

  config::Cluster config_;
  endpoint::Registry registry_{1};
  base::Random random_{1};
  sticky::Sealer sealer_{std::string(32, 's')};
  http1::Fields headers_;
  std::string issues_;
};

TEST_F(TiesTest, ACookieThatIsToBeIssuedPlacesTheRequestAlready) {
  config_.load_balancing.hash_key = {config::CookieKey{.name = "sid", .issue = config::CookieIssue{}}};
  const Ties first = Find();
  EXPECT_EQ(issues_, "sid");
  EXPECT_EQ(first.issued_value.size(), 32u);
  EXPECT_EQ(first.key, balancer::StableHash(first.issued_value));
  EXPECT_NE(Find().issued_value, first.issued_value);
  const std::string cookie = "sid=" + first.issued_value;  // fields are views
  headers_.Add("Cookie", cookie);
  const Ties next = Find();
  EXPECT_EQ(issues_, "");
  EXPECT_EQ(next.key, first.key) << "it comes back to where it was";
}

TEST_F(TiesTest, TheStickyCookieNamesAnEndpointWhicheverOfItsNameItIs) {
  const std::string sealed = "stick=" + sealer_.Seal("chat", "192.0.2.1:80");
  const std::string second = "stick=other; " + sealed;
  const std::string foreign = "stick=" + sealer_.Seal("news", "192.0.2.1:80");
  headers_.Add("Cookie", second);
  EXPECT_EQ(Find().named, "") << "the cluster has none";
  config_.resilience.sticky_cookie.emplace().name = "stick";
  EXPECT_EQ(Find().named, "192.0.2.1:80");
  headers_.Clear();
  headers_.Add("Cookie", "stick=other");
  headers_.Add("Cookie", sealed);
  EXPECT_EQ(Find().named, "192.0.2.1:80");
  headers_.Clear();
  headers_.Add("Cookie", foreign);
  EXPECT_EQ(Find().named, "") << "of another cluster";
}

}  // namespace
}  // namespace fairlead::snapshot
