#include "pkg/config/load.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "pkg/config/to_json.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kTestData[] = "pkg/config/testdata/";

std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

TEST(LoadFile, ReadsEveryField) {
  const Loaded loaded = LoadFile(std::string(kTestData) + "full.yaml");
  ASSERT_THAT(loaded.violations, testing::IsEmpty());
  EXPECT_EQ(ToJson(*loaded.file), Content(std::string(kTestData) + "full.json"));
}

TEST(LoadFile, ReadsItsOwnJson) {
  const Loaded yaml = LoadFile(std::string(kTestData) + "full.yaml");
  const Loaded json = LoadFile(std::string(kTestData) + "full.json");
  ASSERT_TRUE(json.file.has_value());
  EXPECT_TRUE(json.file == yaml.file);
  EXPECT_EQ(ToJson(*json.file), ToJson(*yaml.file));
}

TEST(LoadFile, TellsEverythingThatIsWrongAtOnce) {
  const Loaded loaded = LoadFile(std::string(kTestData) + "bad.yaml");
  EXPECT_FALSE(loaded.file.has_value());
  std::string lines;
  for (const Violation& violation : loaded.violations) lines.append(violation.ToString()).append("\n");
  EXPECT_EQ(lines, Content(std::string(kTestData) + "bad.txt"));
}

TEST(LoadFile, SaysWhyItCannotRead) {
  const Loaded missing = LoadFile("pkg/config/testdata/none.yaml");
  ASSERT_EQ(missing.violations.size(), 1u);
  EXPECT_EQ(missing.violations[0].ToString(),
            "the file \"pkg/config/testdata/none.yaml\" cannot be read: No such file or directory, name one "
            "that can");
  const Loaded folder = LoadFile("pkg/config/testdata");
  ASSERT_EQ(folder.violations.size(), 1u);
  EXPECT_EQ(folder.violations[0].ToString(),
            "the file \"pkg/config/testdata\" cannot be read: Is a directory, name one that can");
  const std::string pipe = testing::TempDir() + "pipe_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(LoadFile(pipe).violations.at(0).ToString(), HasSubstr("it is no regular file"));
  ::unlink(pipe.c_str());
}

TEST(LoadYaml, LetsTheCommandLineHaveTheLastWord) {
  const std::string yaml = "node: {id: file, zone: file}\nadmin: {address: nonsense}\n";
  const Loaded loaded = LoadYaml(yaml, {.node_id = "flag", .admin_address = ""});
  ASSERT_TRUE(loaded.file.has_value()) << loaded.violations[0].ToString();
  EXPECT_EQ(loaded.file->bootstrap.node.id, "flag");
  EXPECT_EQ(loaded.file->bootstrap.node.zone, "file");
  EXPECT_EQ(loaded.file->bootstrap.admin, std::nullopt);
}

TEST(LoadYaml, LetsTheCommandLineSetUpTheControlApi) {
  const Loaded loaded = LoadYaml("{}", {.control_address = "unix:/run/fairlead/control.sock",
                                        .control_owner = "FLEET",
                                        .control_state_dir = "/var/lib/fairlead",
                                        .control_fleet_address = "127.0.0.1:9190"});
  ASSERT_TRUE(loaded.file.has_value()) << loaded.violations[0].ToString();
  const Control& control = loaded.file->bootstrap.control;
  EXPECT_EQ(control.address->ToString(), "unix:/run/fairlead/control.sock");
  EXPECT_EQ(control.owner, Owner::kFleet);
  EXPECT_EQ(control.state_dir, "/var/lib/fairlead");
  EXPECT_EQ(control.fleet->address, "127.0.0.1:9190");
}

TEST(LoadYaml, NamesTheFlagOfTheControlApiThatIsWrong) {
  const Loaded loaded = LoadYaml("{}", {.control_address = "here", .control_owner = "ME"});
  ASSERT_EQ(loaded.violations.size(), 2u);
  EXPECT_THAT(loaded.violations[0].ToString(), testing::StartsWith("--control-owner: is not known"));
  EXPECT_THAT(loaded.violations[1].ToString(),
              testing::StartsWith("--control-address: \"here\" is no address"));
}

TEST(LoadYaml, JudgesTheCommandLineWithTheFile) {
  const Overrides overrides{
      .node_id = "no name", .telemetry_address = "nowhere", .admin_address = "127.0.0.1:80"};
  const Loaded loaded =
      LoadYaml("node: {id: fine}\nlisteners: [{name: web, address: '127.0.0.1:80'}]", overrides);
  ASSERT_FALSE(loaded.file.has_value());
  std::vector<std::string> lines;
  for (const Violation& violation : loaded.violations) lines.push_back(violation.ToString());
  EXPECT_THAT(
      lines,
      testing::UnorderedElementsAre(
          "--node-id: \"no name\" is no name, use letters, digits, and behind the first also . _ - / :",
          "--telemetry-address: \"nowhere\" is no address of a port, write IP:port, or nothing to close it",
          "listeners[0].address: the address \"127.0.0.1:80\" is taken by admin.address, give each its own "
          "address (line 2)"));
}

TEST(LoadYaml, FillsInDefaults) {
  const Loaded loaded = LoadYaml("{}");
  ASSERT_TRUE(loaded.file.has_value());
  const File& file = *loaded.file;
  EXPECT_EQ(file.bootstrap.telemetry->ToString(), "0.0.0.0:9180");
  EXPECT_EQ(file.bootstrap.admin->ToString(), "127.0.0.1:9181");
  EXPECT_EQ(file.bootstrap.access_log, (AccessLog{AccessLogMode::kEnd, ""}));
  EXPECT_EQ(file.bootstrap.workers, 0u);
  EXPECT_EQ(file.bootstrap.node, Node());
  EXPECT_TRUE(file.config == Config());
}

TEST(LoadYaml, FillsInDefaultsFurtherDown) {
  const Loaded loaded = LoadYaml(R"(
listeners: [{name: l, address: "0.0.0.0:80"}]
virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - {name: a, match: {prefix: /}, cluster: c}
  - {name: b, match: {prefix: /b}, redirect: {scheme: https}}
clusters:
- name: c
  endpoints: [{address: "10.0.0.1:80"}]
  load_balancing: {policy: MAGLEV}
- {name: d, dns: {name: d, port: 80}}
)");
  ASSERT_TRUE(loaded.file.has_value());
  const Config& config = loaded.file->config;
  EXPECT_TRUE(config.listeners[0].limits == ListenerLimits());
  EXPECT_THAT(config.virtual_hosts[0].listeners, ElementsAre());
  const Route& a = config.virtual_hosts[0].routes[0];
  EXPECT_THAT(a.upgrades, ElementsAre("websocket"));
  EXPECT_TRUE(a.timeouts == Timeouts());
  EXPECT_EQ(std::get<0>(a.action), (std::vector<WeightedCluster>{{"c", 1}}));
  const Route& b = config.virtual_hosts[0].routes[1];
  EXPECT_THAT(b.upgrades, ElementsAre());
  EXPECT_EQ(std::get<Redirect>(b.action), (Redirect{"https", "", "", 308}));
  const Cluster& c = config.clusters[0];
  EXPECT_EQ(c.endpoints[0].weight, 1u);
  EXPECT_EQ(c.endpoints[0].state, EndpointState::kActive);
  EXPECT_EQ(c.load_balancing.hash_key, (std::vector<HashKey>{SourceIpKey()}));
  EXPECT_EQ(config.clusters[1].load_balancing, LoadBalancing());
  EXPECT_EQ(config.clusters[1].dns->refresh_interval, base::Duration(5000));
}

TEST(LoadYaml, IsAFileWhollyOrNotAtAll) {
  EXPECT_FALSE(LoadYaml("workers: 5000").file.has_value());
  EXPECT_THAT(ViolationsOf("workers: 5000"),
              ElementsAre("workers: 5000 is out of range, give a number from 0 to 1024 (line 1)"));
}

TEST(LoadYaml, StopsWhereThereIsNoYaml) {
  EXPECT_EQ(ViolationsOf("workers: [").size(), 1u);
  EXPECT_EQ(ViolationsOf("").size(), 1u);
}

TEST(ToJson, WritesTheChangeablePartAlone) {
  const std::string json = ToJson(Config());
  EXPECT_EQ(json,
            "{\n  \"drain\": {\n    \"delay\": \"5s\",\n    \"window\": \"20s\",\n    \"close_code\": "
            "1001,\n    \"order\": \"RANDOM\"\n  },\n"
            "  \"overload\": {\n    \"max_buffered_bytes\": 0\n  },\n"
            "  \"listeners\": [],\n  \"virtual_hosts\": [],\n  \"clusters\": []\n}\n");
}

}  // namespace
}  // namespace fairlead::config
