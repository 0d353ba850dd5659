#include "pkg/ctl/impact_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fairlead/control/v1/impact.pb.h"

namespace fairlead::ctl {
namespace {

using control::v1::Impact;

TEST(DescribeImpact, SaysWhenNothingChanges) {
  EXPECT_EQ(DescribeImpact(Impact(), Style()), "nothing changes\n");
}

TEST(DescribeImpact, ShowsFieldsClustersEndpointsAndWhatGoes) {
  Impact impact;
  impact.add_changed("clusters[chat].endpoints[a]");
  impact.add_changed("listeners[old]");
  impact.set_changed_total(2);
  impact.add_listeners_removed("old");
  impact.set_listeners_removed_total(1);
  impact.add_routes_removed("any/ws");
  impact.add_routes_removed("any/drained");
  impact.add_routes_drained("any/drained");
  impact.set_routes_removed_total(2);
  impact.set_clusters_total(2);
  auto& chat = *impact.add_clusters();
  chat.set_cluster("chat");
  chat.add_endpoints_added(std::string("b"));
  chat.add_endpoints_removed(std::string("a"));
  chat.set_endpoints_added_total(1);
  chat.set_endpoints_removed_total(1);
  chat.set_keys_moved(0.125);
  chat.set_tunnels_on_removed(1234);
  impact.add_clusters()->set_cluster("pages");
  EXPECT_EQ(DescribeImpact(impact, Style()),
            "2 changes\n"
            "  clusters[chat].endpoints[a]\n"
            "  listeners[old]\n"
            "CLUSTER  ADDED  REMOVED  KEYS MOVED  TUNNELS ON REMOVED\n"
            "chat         1        1       12.5%               1,234\n"
            "pages        0        0           -                   0\n"
            "  + chat/b\n"
            "  - chat/a\n"
            "  1,234 tunnels on what goes from chat stay until they end\n"
            "listener old goes; its open tunnels stay\n"
            "route any/ws goes; its open tunnels stay\n"
            "route any/drained goes; its open tunnels are let go\n");
}

TEST(DescribeImpact, SaysThatAClusterThatDrainsLetsTunnelsGo) {
  Impact impact;
  impact.add_changed("clusters[chat].endpoints[a]");
  impact.set_changed_total(1);
  impact.set_clusters_total(1);
  auto& chat = *impact.add_clusters();
  chat.set_cluster("chat");
  chat.set_drains(true);
  EXPECT_EQ(DescribeImpact(impact, Style()).find("let go"), std::string::npos) << "nobody is there";
  chat.set_tunnels_on_removed(3);
  const std::string text = DescribeImpact(impact, Style());
  EXPECT_NE(text.find("  3 tunnels on what goes from chat are let go, as its drain says\n"),
            std::string::npos)
      << text;
}

TEST(DescribeImpact, CountsWhatDoesNotFit) {
  Impact impact;
  auto& chat = *impact.add_clusters();
  chat.set_cluster("chat");
  for (int i = 0; i < 50; ++i) {
    impact.add_changed(fmt::format("clusters[chat].endpoints[{}]", i));
    chat.add_endpoints_added(fmt::format("{}", i));
  }
  impact.set_changed_total(5000);
  impact.set_clusters_total(1);
  chat.set_endpoints_added_total(2500);
  const std::string text = DescribeImpact(impact, Style());
  EXPECT_NE(text.find("  … and 4,980 more\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  + chat/19\n  … and 2,480 more\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace fairlead::ctl
