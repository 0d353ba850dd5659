#include "pkg/config/read_control.h"

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr char kTls[] = "tls: {cert_file: /c, key_file: /k, client_ca_file: /ca}";

std::string Control(const std::string& fields) {
  return "control: {" + fields + "}\n";
}

TEST(ReadControl, BelongsToTheFileByDefault) {
  const Bootstrap bootstrap = LoadYaml("node: {}").file->bootstrap;
  EXPECT_EQ(bootstrap.control, config::Control{});
}

TEST(ReadControl, TakesASocketOrAPortWithTls) {
  EXPECT_THAT(ViolationsOf(Control("owner: PUSH, address: 'unix:/run/fairlead/control.sock'")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Control(std::string("address: '0.0.0.0:9190', ") + kTls)), IsEmpty());
  EXPECT_THAT(ViolationsOf(Control("address: '127.0.0.1:9190'")), ElementsAre(StartsWith("control.tls: ")));
  EXPECT_THAT(ViolationsOf(Control("address: nowhere")), ElementsAre(StartsWith("control.address: ")));
  EXPECT_THAT(ViolationsOf(Control(std::string("address: '127.0.0.1:9181', ") + kTls)),
              ElementsAre(StartsWith("control.address: ")))
      << "the admin port is there";
}

TEST(ReadControl, NeedsFilesByTheirWholePaths) {
  EXPECT_THAT(ViolationsOf(Control("state_dir: state")), ElementsAre(StartsWith("control.state_dir: ")));
  EXPECT_THAT(ViolationsOf(Control("fleet: {address: 'localhost:1', token_file: token}")),
              ElementsAre(StartsWith("control.fleet.token_file: ")));
  EXPECT_THAT(ViolationsOf(Control("tls: {cert_file: /c, key_file: /k}")),
              ElementsAre(StartsWith("control.tls.client_ca_file: ")));
}

TEST(ReadControl, NamesEachPeerOnceAndWhatItMayDo) {
  const std::string files = "tls: {cert_file: /c, key_file: /k, client_ca_file: /ca, grants: ";
  EXPECT_THAT(ViolationsOf(Control(files + "[{peer: 'spiffe://a/b', roles: [READER, DRAINER]}]}")),
              IsEmpty());
  EXPECT_THAT(
      ViolationsOf(Control(files + "[{peer: a, roles: [READER]}, {peer: a, roles: []}]}")),
      ElementsAre(StartsWith("control.tls.grants[1].peer: "), StartsWith("control.tls.grants[1].roles: ")));
}

TEST(ReadControl, DialsAPlaneElsewhereOnlyWithTls) {
  EXPECT_THAT(ViolationsOf(Control("owner: FLEET, fleet: {address: 'localhost:9190'}")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Control("owner: FLEET, fleet: {address: 'unix:/run/plane.sock'}")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Control("owner: FLEET, fleet: {address: 'plane.example:9190', ca_file: /ca}")),
              IsEmpty());
  EXPECT_THAT(ViolationsOf(Control("owner: FLEET, fleet: {address: 'plane.example:9190'}")),
              ElementsAre(StartsWith("control.fleet.ca_file: ")));
  EXPECT_THAT(ViolationsOf(Control("owner: FLEET")), ElementsAre(StartsWith("control.fleet.address: ")));
  EXPECT_THAT(ViolationsOf(Control("fleet: {address: plane.example, ca_file: /ca}")),
              ElementsAre(StartsWith("control.fleet.address: ")));
  EXPECT_THAT(ViolationsOf(Control("fleet: {address: 'localhost:1', cert_file: /c}")),
              ElementsAre(StartsWith("control.fleet.key_file: ")));
}

}  // namespace
}  // namespace fairlead::config
