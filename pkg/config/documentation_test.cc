// docs/configuration.md is generated from the messages' comments; here the code is held to what it says.

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/config/load.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::IsEmpty;

// A row of one of the tables.
struct Row {
  std::string message;
  std::string field;
  std::string type;
  std::string range;
  std::string default_value;
};

std::string Documentation() {
  std::ostringstream content;
  content << std::ifstream("docs/configuration.md").rdbuf();
  return content.str();
}

std::vector<Row> Rows() {
  const std::regex heading("## (\\w+)");
  const std::regex cells("\\| `(\\w+)` \\| ([^|]*) \\| ([^|]*) \\| ([^|]*) \\| .*");
  std::vector<Row> rows;
  std::istringstream lines(Documentation());
  std::string message = "Top";
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, heading)) message = match[1];
    if (std::regex_match(line, match, cells)) {
      rows.push_back({message, match[1], match[2], match[3], match[4]});
    }
  }
  return rows;
}

// A configuration with one field of a message, "{}".
const std::map<std::string, std::string>& Wrappers() {
  static const std::map<std::string, std::string> wrappers = {
      {"Top", "{{{}}}"},
      {"AccessLog", "access_log: {{{}}}"},
      {"Telemetry", "telemetry: {{{}}}"},
      {"Admin", "admin: {{{}}}"},
      {"Drain", "drain: {{{}}}"},
      {"ListenerLimits", "listeners: [{{name: l, address: \"0.0.0.0:80\", limits: {{{}}}}}]"},
      {"ListenerTls",
       "listeners: [{{name: l, address: \"0.0.0.0:80\", tls: {{certificates: [{{cert_file: /c, key_file: "
       "/k}}], "
       "client_ca_file: /ca, {}}}}}]"},
      {"Route",
       "clusters: [{{name: c, endpoints: []}}]\n"
       "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, cluster: c, "
       "{}}}]}}]"},
      {"WeightedCluster",
       "clusters: [{{name: c, endpoints: []}}, {{name: d, endpoints: []}}]\n"
       "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, clusters: "
       "[{{name: c}}, {{name: d, {}}}]}}]}}]"},
      {"Redirect",
       "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, "
       "redirect: {{scheme: https, {}}}}}]}}]"},
      {"Timeouts",
       "clusters: [{{name: c, endpoints: []}}]\n"
       "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, cluster: c, "
       "timeouts: {{{}}}}}]}}]"},
      {"Keepalive",
       "clusters: [{{name: c, endpoints: []}}]\n"
       "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, cluster: c, "
       "keepalive: {{{}}}}}]}}]"},
      {"WebSocket",
       "clusters: [{{name: c, endpoints: []}}]\n"
       "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, cluster: c, "
       "websocket: {{{}}}}}]}}]"},
      {"Endpoint", "clusters: [{{name: c, endpoints: [{{address: \"10.0.0.1:80\", {}}}]}}]"},
      {"Dns", "clusters: [{{name: c, dns: {{name: d, {}}}}}]"},
      {"HealthCheck", "clusters: [{{name: c, endpoints: [], health_check: {{tcp: {{}}, {}}}}}]"},
      {"HttpCheck", "clusters: [{{name: c, endpoints: [], health_check: {{http: {{{}}}}}}}]"},
      {"WebSocketCheck", "clusters: [{{name: c, endpoints: [], health_check: {{websocket: {{{}}}}}}}]"},
      {"Outlier", "clusters: [{{name: c, endpoints: [], outlier: {{{}}}}}]"},
      {"ClusterLimits", "clusters: [{{name: c, endpoints: [], limits: {{{}}}}}]"},
      {"Retries", "clusters: [{{name: c, endpoints: [], retries: {{{}}}}}]"},
      {"ClusterDrain", "clusters: [{{name: c, endpoints: [], drain: {{{}}}}}]"},
      {"Rebalance",
       "clusters: [{{name: c, endpoints: [], load_balancing: {{policy: LEAST_CONNECTIONS}}, rebalance: "
       "{{{}}}}}]"},
      {"StickyCookie", "clusters: [{{name: c, endpoints: [], sticky_cookie: {{{}}}}}]"},
      {"SourceIp",
       "clusters: [{{name: c, endpoints: [], load_balancing: {{policy: MAGLEV, hash_key: [{{source_ip: "
       "{{{}}}}}]}}}}]"},
      {"PathKey",
       "clusters: [{{name: c, endpoints: [], load_balancing: {{policy: MAGLEV, hash_key: [{{path: "
       "{{{}}}}}]}}}}]"},
      {"CookieIssue",
       "clusters: [{{name: c, endpoints: [], load_balancing: {{policy: MAGLEV, hash_key: [{{cookie: {{name: "
       "a, "
       "issue: {{{}}}}}}}]}}}}]"},
      {"LoadBalancing", "clusters: [{{name: c, endpoints: [], load_balancing: {{{}}}}}]"},
  };
  return wrappers;
}

// What must stand beside it.
std::string_view Needs(const Row& row) {
  if (row.field == "upgrade_queue") return "upgrades_per_second: 1";
  return row.message == "Dns" ? "port: 80" : "";
}

std::string With(const Row& row, const std::string& value) {
  const std::string_view needs = row.field == "port" ? "" : Needs(row);
  return fmt::format(fmt::runtime(Wrappers().at(row.message)),
                     fmt::format("{}{}{}: {}", needs, needs.empty() ? "" : ", ", row.field, value));
}

std::string Without(const Row& row) {
  return fmt::format(fmt::runtime(Wrappers().at(row.message)), Needs(row));
}

TEST(Documentation, HasAnExampleThatWorks) {
  const std::string text = Documentation();
  const size_t begin = text.find("```yaml\n") + 8, end = text.find("```\n", begin);
  EXPECT_THAT(ViolationsOf(text.substr(begin, end - begin)), IsEmpty());
}

TEST(Documentation, SaysWhatTheDefaultsAre) {
  int seen = 0;
  for (const Row& row : Rows()) {
    std::string value = row.default_value;
    const bool in_words = value.empty() || value.find(' ') != std::string::npos || value == "**required**" ||
                          value == "empty" || value == "any" || value == "nobody" || value == "the client's";
    if (in_words || !Wrappers().contains(row.message) || row.field == "hash_key") continue;
    if (value.front() == '`') value = value.substr(1, value.size() - 2);
    const Loaded said =
        LoadYaml(With(row, value.find(':') == std::string::npos ? value : "\"" + value + "\""));
    const Loaded left_out = LoadYaml(Without(row));
    ASSERT_TRUE(said.file && left_out.file) << row.message << " " << row.field;
    EXPECT_TRUE(*said.file == *left_out.file) << row.message << " " << row.field;
    ++seen;
  }
  EXPECT_GT(seen, 20);
}

TEST(Documentation, SaysWhatTheRangesAre) {
  const std::regex from_to("(\\d+\\w*) to (\\d+\\w*).*");
  int seen = 0;
  for (const Row& row : Rows()) {
    std::smatch match;
    if (!std::regex_match(row.range, match, from_to)) continue;
    ASSERT_TRUE(Wrappers().contains(row.message)) << row.message;
    const std::string min = match[1], max = match[2];
    EXPECT_THAT(ViolationsOf(With(row, min)), IsEmpty());
    EXPECT_THAT(ViolationsOf(With(row, max)), IsEmpty());
    const bool duration = row.type == "duration";
    const std::string above = duration ? max + "1ms" : std::to_string(std::stoull(max) + 1);
    EXPECT_EQ(ViolationsOf(With(row, above)).size(), 1u) << row.message << " " << row.field;
    if (min.front() != '0') {
      const std::string below = duration ? "0s" : std::to_string(std::stoull(min) - 1);
      EXPECT_EQ(ViolationsOf(With(row, below)).size(), 1u) << row.message << " " << row.field;
    }
    ++seen;
  }
  EXPECT_GT(seen, 15);
}

}  // namespace
}  // namespace fairlead::config
