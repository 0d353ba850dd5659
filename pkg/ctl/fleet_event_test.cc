#include "pkg/ctl/fleet_event.h"

#include <gtest/gtest.h>

#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

const base::WallTime kNow{std::chrono::seconds(1'000'000)};

FleetEvent Nacked() {
  return {.kind = FleetEvent::Kind::kNacked,
          .node = "pod\n1",
          .revision = 3,
          .text = "",
          .violations = {"config.clusters[0].name: is missing"}};
}

TEST(DescribeEvent, IsALineAndOneForEachViolation) {
  EXPECT_EQ(DescribeEvent(Nacked(), kNow, Style()),
            FormatTime(kNow) + "  nacked     pod?1  revision 3\n  config.clusters[0].name: is missing\n");
}

TEST(EventToJson, IsOneLine) {
  const std::string json = EventToJson(Nacked(), kNow);
  EXPECT_EQ(json.find('\n'), json.size() - 1);
  EXPECT_NE(json.find(R"("time":"1970-01-12T13:46:40Z")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("event":"nacked")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("node":"pod\n1")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("revision":3)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("violations":["config.clusters[0].name: is missing"])"), std::string::npos) << json;
}

}  // namespace
}  // namespace fairlead::ctl
