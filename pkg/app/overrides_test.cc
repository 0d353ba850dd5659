#include "pkg/app/overrides.h"

#include <gtest/gtest.h>

namespace fairlead::app {
namespace {

config::File TestFile() {
  return *config::LoadYaml(
              "listeners: [{name: web, address: 127.0.0.1:0}]\n"
              "virtual_hosts: [{name: any, domains: ['*'], routes: [{name: all, match: {prefix: /}, cluster: "
              "a}]}]\n"
              "clusters: [{name: a, endpoints: []}]\n")
              .file;
}

std::vector<std::string> WrongWith(const Overrides& overrides) {
  config::File file = TestFile();
  std::vector<std::string> lines;
  for (const config::Violation& violation : Override(overrides, &file)) lines.push_back(violation.ToString());
  return lines;
}

TEST(Overrides, SayWhatTheFileDoesNot) {
  config::File file = TestFile();
  Overrides overrides;
  overrides.node_id = "pod-1";
  overrides.admin_address = "";
  overrides.control_address = "unix:/run/fairlead/control.sock";
  overrides.control_owner = "FLEET";
  overrides.control_state_dir = "/var/lib/fairlead";
  overrides.control_fleet_address = "127.0.0.1:9190";
  EXPECT_TRUE(Override(overrides, &file).empty());
  EXPECT_EQ(file.bootstrap.node.id, "pod-1");
  EXPECT_FALSE(file.bootstrap.admin);
  EXPECT_EQ(file.bootstrap.control.address->ToString(), "unix:/run/fairlead/control.sock");
  EXPECT_EQ(file.bootstrap.control.owner, config::Owner::kFleet);
  EXPECT_EQ(file.bootstrap.control.state_dir, "/var/lib/fairlead");
  EXPECT_EQ(file.bootstrap.control.fleet->address, "127.0.0.1:9190");
}

TEST(Overrides, NothingLeavesTheFileAsItIs) {
  config::File file = TestFile();
  EXPECT_TRUE(Override({}, &file).empty());
  EXPECT_EQ(file, TestFile());
}

TEST(Overrides, WrongOnesNameTheFlag) {
  Overrides overrides;
  overrides.control_address = "here";
  overrides.control_owner = "ME";
  const std::vector<std::string> lines = WrongWith(overrides);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("--control-address: \"here\" is no address")) << lines[0];
  EXPECT_EQ(lines[1], "--control-owner: \"ME\" is not known, give FILE, PUSH or FLEET");
}

TEST(Overrides, MustGoTogetherWithTheFile) {
  Overrides port;
  port.control_address = "127.0.0.1:9182";
  EXPECT_EQ(WrongWith(port),
            std::vector<std::string>{"control.tls: is missing, say who may connect to a port, or "
                                     "listen on a unix socket"});
  Overrides owner;
  owner.control_owner = "FLEET";
  ASSERT_EQ(WrongWith(owner).size(), 1u);
  EXPECT_TRUE(WrongWith(owner)[0].starts_with("control.fleet.address: is missing"));
}

}  // namespace
}  // namespace fairlead::app
