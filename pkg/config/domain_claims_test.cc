#include "pkg/config/domain_claims.h"

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Virtual hosts v and w on two listeners, each with the given fields.
std::string TwoHosts(const std::string& v, const std::string& w) {
  return "listeners: [{name: l, address: \"0.0.0.0:80\"}, {name: m, address: \"0.0.0.0:81\"}]\n"
         "virtual_hosts:\n- {name: v, " +
         v + "}\n- {name: w, " + w + "}\n";
}

TEST(DomainClaims, GiveADomainOnceOnAListener) {
  const auto taken = [](const std::string& by) {
    return ElementsAre("virtual_hosts[1].domains[0]: the domain \"a\" is taken on the same listener by " +
                       by + ", serve a domain in one virtual host of a listener (line 4)");
  };
  const std::string v = "virtual_hosts[0].domains[0]";
  EXPECT_THAT(ViolationsOf(TwoHosts("domains: [a]", "domains: [a]")), taken(v));
  EXPECT_THAT(ViolationsOf(TwoHosts("domains: [a]", "domains: [A]")), taken(v));
  EXPECT_THAT(ViolationsOf(TwoHosts("domains: [a]", "domains: [a], listeners: [l]")), taken(v));
  EXPECT_THAT(ViolationsOf(TwoHosts("domains: [a], listeners: [l]", "domains: [a]")), taken(v));
  EXPECT_THAT(ViolationsOf(TwoHosts("domains: [a], listeners: [l]", "domains: [a], listeners: [m, l]")),
              taken(v));
  EXPECT_THAT(ViolationsOf(TwoHosts("domains: [a], listeners: [l]", "domains: [a], listeners: [m]")),
              IsEmpty());
  EXPECT_THAT(ViolationsOf(TwoHosts("domains: [\"*\"]", "domains: [\"*.a\", a]")), IsEmpty());
  EXPECT_THAT(ViolationsOf("virtual_hosts: [{name: v, domains: [a, a]}]"),
              ElementsAre("virtual_hosts[0].domains[1]: the domain \"a\" is taken on the same listener by " +
                          v + ", serve a domain in one virtual host of a listener (line 1)"));
}

}  // namespace
}  // namespace fairlead::config
