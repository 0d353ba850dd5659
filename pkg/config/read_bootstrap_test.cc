#include "pkg/config/read_bootstrap.h"

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReadBootstrap, SaysWhatIsWrong) {
  const std::vector<ViolationCase> cases = {
      {"node: {id: \"a b\"}",
       "node.id: \"a b\" is no name, use letters, digits, and behind the first also . _ - / : (line 1)"},
      {"node: {zone: -a}",
       "node.zone: \"-a\" is no name, use letters, digits, and behind the first also . _ - / : (line 1)"},
      {"telemetry: {address: localhost:80}",
       "telemetry.address: \"localhost:80\" is no address of a port, write IP:port, or nothing to close it "
       "(line 1)"},
      {"admin: {address: \"unix:/run/admin.sock\"}",
       "admin.address: \"unix:/run/admin.sock\" is no address of a port, write IP:port, or nothing to close "
       "it "
       "(line 1)"},
      {"telemetry: {address: \"127.0.0.1:9181\"}",
       "admin.address: the address \"127.0.0.1:9181\" is taken by telemetry.address, give each its own "
       "address "
       "(line 1)"},
      {"access_log: {path: \"a\\0b\"}",
       "access_log.path: is no path of a file, write one of at most 4095 bytes (line 1)"},
      {"access_log:\n  path: " + std::string(4096, 'x'),
       "access_log.path: is no path of a file, write one of at most 4095 bytes (line 2)"},
      {"workers: 1025", "workers: 1025 is out of range, give a number from 0 to 1024 (line 1)"},
  };
  for (const ViolationCase& c : cases) EXPECT_THAT(ViolationsOf(c.yaml), ElementsAre(c.violation)) << c.yaml;
}

TEST(ReadBootstrap, ClosesAPortWithoutAddress) {
  const Loaded loaded = LoadYaml("{telemetry: {address: \"\"}, admin: {address: \"\"}}");
  ASSERT_TRUE(loaded.file.has_value());
  EXPECT_FALSE(loaded.file->bootstrap.telemetry.has_value());
  EXPECT_FALSE(loaded.file->bootstrap.admin.has_value());
}

TEST(ReadBootstrap, LetsTheKernelChooseSeveralPorts) {
  EXPECT_THAT(ViolationsOf("{telemetry: {address: \"127.0.0.1:0\"}, admin: {address: \"127.0.0.1:0\"}}"),
              IsEmpty());
}

TEST(ReadBootstrap, IsPartOfWhatMayBeCompared) {
  const Loaded a = LoadYaml("workers: 1"), b = LoadYaml("workers: 2"),
               c = LoadYaml("{workers: 1, drain: {delay: 0s}}");
  EXPECT_FALSE(a.file->bootstrap == b.file->bootstrap);
  EXPECT_TRUE(a.file->config == b.file->config);
  EXPECT_TRUE(a.file->bootstrap == c.file->bootstrap);
  EXPECT_FALSE(a.file->config == c.file->config);
}

}  // namespace
}  // namespace fairlead::config
