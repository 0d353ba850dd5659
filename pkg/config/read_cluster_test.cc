#include "pkg/config/read_cluster.h"

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/load.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Cluster(const std::string& fields) {
  return "clusters: [{name: c, " + fields + "}]";
}

std::string Endpoints(const std::string& list, const std::string& more = "") {
  return Cluster("endpoints: [" + list + "]" + more);
}

std::string Maglev(const std::string& fields) {
  return Cluster("endpoints: [], load_balancing: {policy: MAGLEV, " + fields + "}");
}

TEST(ReadCluster, SaysWhatIsWrong) {
  const std::string name = "use letters, digits, and behind the first also . _ - / : (line 1)";
  const std::string address = "write IP:port, [IPv6]:port or unix:/path (line 1)";
  const std::vector<ViolationCase> cases = {
      {"clusters: [{endpoints: []}]", "clusters[0].name: is missing, give it a name (line 1)"},
      {"clusters: [{name: c}]",
       "clusters[0].endpoints: is missing, list the backends, give dns, or write [] for none (line 1)"},
      // Endpoints.
      {Endpoints("{}"), "clusters[0].endpoints[0].address: is missing, " + address},
      {Endpoints("{address: \"10.0.0.1\"}"),
       "clusters[0].endpoints[0].address: \"10.0.0.1\" is no address, " + address},
      {Endpoints("{address: \"chat:80\"}"),
       "clusters[0].endpoints[0].address: \"chat:80\" is no address, " + address},
      {Endpoints("{address: \"10.0.0.1:0\"}"),
       "clusters[0].endpoints[0].address: port 0 takes no connections, give the port of the backend (line "
       "1)"},
      {Endpoints("{address: \"10.0.0.1:80\", id: \"ü\"}"),
       "clusters[0].endpoints[0].id: \"ü\" is no name, " + name},
      {Endpoints("{address: \"10.0.0.1:80\", hash_id: \"[a]\"}"),
       "clusters[0].endpoints[0].hash_id: \"[a]\" is no name, " + name},
      {Endpoints("{address: \"10.0.0.1:80\", weight: 65536}"),
       "clusters[0].endpoints[0].weight: 65536 is out of range, give a number from 0 to 65535 (line 1)"},
      {Endpoints("{address: \"10.0.0.1:80\", state: GONE}"),
       "clusters[0].endpoints[0].state: \"GONE\" is not known, write one of ACTIVE, DRAINING (line 1)"},
      {Endpoints("{address: \"10.0.0.1:80\"}, {address: \"10.0.0.1:80\"}"),
       "clusters[0].endpoints[1].address: the id \"10.0.0.1:80\" is taken by "
       "clusters[0].endpoints[0].address, give "
       "each its own id (line 1)"},
      {Endpoints("{address: \"10.0.0.1:80\", id: a}, {address: \"10.0.0.2:80\", id: a}"),
       "clusters[0].endpoints[1].id: the id \"a\" is taken by clusters[0].endpoints[0].id, give each its own "
       "id "
       "(line 1)"},
      {Endpoints("{address: \"10.0.0.1:80\"}, {address: \"10.0.0.2:80\", id: \"10.0.0.1:80\"}"),
       "clusters[0].endpoints[1].id: the id \"10.0.0.1:80\" is taken by clusters[0].endpoints[0].address, "
       "give each "
       "its own id (line 1)"},
      {Endpoints("{address: \"10.0.0.1:80\", hash_id: a}, {address: \"10.0.0.2:80\", hash_id: a}",
                 ", load_balancing: {policy: MAGLEV}"),
       "clusters[0].endpoints[1].hash_id: the hash id \"a\" is taken by clusters[0].endpoints[0].hash_id, "
       "give each "
       "its own hash id (line 1)"},
      // DNS.
      {Cluster("dns: {port: 80}"), "clusters[0].dns.name: is missing, write a host name (line 1)"},
      {Cluster("dns: {name: a..b, port: 80}"),
       "clusters[0].dns.name: \"a..b\" is no host name, write a name such as chat.default.svc (line 1)"},
      {Cluster("dns: {name: 10.0.0.1, port: 80}"),
       "clusters[0].dns.name: \"10.0.0.1\" is an address, list it under endpoints (line 1)"},
      {Cluster("dns: {name: a}"),
       "clusters[0].dns.port: 0 is out of range, give a number from 1 to 65535 (line 1)"},
      {Cluster("dns: {name: a, port: 65536}"),
       "clusters[0].dns.port: 65536 is out of range, give a number from 1 to 65535 (line 1)"},
      {Cluster("dns: {name: a, port: 80, refresh_interval: 99ms}"),
       "clusters[0].dns.refresh_interval: 99ms is out of range, give a duration from 100ms to 24h (line 1)"},
      {Endpoints("{address: \"10.0.0.1:80\"}", ", dns: {name: a, port: 80}"),
       "clusters[0].dns: stands beside endpoints, one of them may be given (line 1)"},
      // Load balancing.
      {Endpoints("", ", load_balancing: {policy: IP_HASH}"),
       "clusters[0].load_balancing.policy: \"IP_HASH\" is not known, write one of ROUND_ROBIN, "
       "LEAST_CONNECTIONS, "
       "MAGLEV, RANDOM_TWO_CHOICES, RING_HASH, RENDEZVOUS (line 1)"},
      {Endpoints("", ", load_balancing: {hash_key: [{source_ip: {}}]}"),
       "clusters[0].load_balancing.hash_key: is of no use to this policy, set policy to RING_HASH, MAGLEV or "
       "RENDEZVOUS, or leave it out (line 1)"},
      {Endpoints("", ", load_balancing: {policy: MAGLEV, hash_key: [{}]}"),
       "clusters[0].load_balancing.hash_key[0]: names nothing to hash, write source_ip: {}, or header, "
       "cookie, query "
       "or path (line 1)"},
      {Maglev("bounded_load_factor: 1"),
       "clusters[0].load_balancing.bounded_load_factor: is out of range, give a factor of more than 1 up to "
       "10, "
       "such as 1.25, or 0 for no bound (line 1)"},
      {Maglev("bounded_load_factor: 1e1"),
       "clusters[0].load_balancing.bounded_load_factor: \"1e1\" is no decimal number, write a number such as "
       "1.25 "
       "(line 1)"},
      {Maglev("bounded_load_factor: 1.2345"),
       "clusters[0].load_balancing.bounded_load_factor: is too fine, give at most three decimal places (line "
       "1)"},
      {Maglev("maglev_table_size: 65536"),
       "clusters[0].load_balancing.maglev_table_size: is no prime, give a prime, such as 65537 or 1000003 "
       "(line "
       "1)"},
      {Maglev("hash_key: [{cookie: {}}]"),
       "clusters[0].load_balancing.hash_key[0].cookie.name: is missing, give the name of the cookie (line "
       "1)"},
      {Maglev("hash_key: [{cookie: {name: a, issue: {same_site: NONE}}}]"),
       "clusters[0].load_balancing.hash_key[0].cookie.issue.same_site: is NONE, which browsers take with "
       "secure "
       "alone, set secure: true (line 1)"},
      {Maglev("hash_key: [{cookie: {name: a, issue: {}}}, {query: a}]"),
       "clusters[0].load_balancing.hash_key[1]: is never looked at: who lacks the cookie before it is given "
       "one, leave it out (line 1)"},
      {Maglev("hash_key: [{path: {}}, {query: a}]"),
       "clusters[0].load_balancing.hash_key[1]: is never looked at: every request has a path, leave it out "
       "(line "
       "1)"},
      {Endpoints("", ", load_balancing: {policy: RANDOM_TWO_CHOICES, maglev_table_size: 251}"),
       "clusters[0].load_balancing.maglev_table_size: is of no use to this policy, set policy to MAGLEV, or "
       "leave "
       "it out (line 1)"},
      {Endpoints("{address: \"10.0.0.1:80\", priority: 128}"),
       "clusters[0].endpoints[0].priority: 128 is out of range, give a number from 0 to 127 (line 1)"},
      {Endpoints("", ", load_balancing: {policy: MAGLEV, hash_key: [{source_ip: {}}, {source_ip: {}}]}"),
       "clusters[0].load_balancing.hash_key[1]: is never looked at: every request has an address, leave it "
       "out "
       "(line 1)"},
  };
  for (const ViolationCase& c : cases) EXPECT_THAT(ViolationsOf(c.yaml), ElementsAre(c.violation)) << c.yaml;
}

TEST(ReadCluster, ReadsHowToBalance) {
  const Loaded loaded = LoadYaml(
      "clusters: [{name: c, endpoints: [{address: \"10.0.0.1:80\", zone: a, priority: 2}], load_balancing: "
      "{policy: RING_HASH, bounded_load_factor: 1.25, slow_start: 30s, panic_threshold_percent: 0, "
      "failover_threshold_percent: 80, prefer_same_zone: true, hash_key: [{header: X-User}, {query: "
      "user}, {source_ip: {ipv4_prefix_length: 24}}, {cookie: {name: sid, issue: {ttl: 1h, secure: true, "
      "same_site: NONE, http_only: false}}}]}}]");
  ASSERT_TRUE(loaded.file);
  const config::Cluster& cluster = loaded.file->config.clusters[0];
  EXPECT_EQ(cluster.endpoints[0].zone, "a");
  EXPECT_EQ(cluster.endpoints[0].priority, 2);
  const LoadBalancing expected{
      .policy = Policy::kRingHash,
      .hash_key = {HeaderKey{"x-user"}, QueryKey{"user"}, SourceIpKey{.ipv4_prefix_length = 24},
                   CookieKey{"sid", CookieIssue{.ttl = std::chrono::hours(1),
                                                .same_site = SameSite::kNone,
                                                .secure = true,
                                                .http_only = false}}},
      .bounded_load_permille = 1250,
      .slow_start = std::chrono::seconds(30),
      .panic_threshold_percent = 0,
      .failover_threshold_percent = 80,
      .prefer_same_zone = true};
  EXPECT_EQ(cluster.load_balancing, expected);
}

TEST(ReadCluster, WantsANameForEach) {
  EXPECT_THAT(
      ViolationsOf("clusters:\n- {name: c, endpoints: []}\n- {name: c, endpoints: []}\n"),
      ElementsAre("clusters[1].name: the name \"c\" is taken by clusters[0].name, give each its own name "
                  "(line 3)"));
}

TEST(ReadCluster, TakesAnAddressAgainUnderAnotherId) {
  EXPECT_THAT(ViolationsOf(Endpoints("{address: \"10.0.0.1:80\", id: a, state: DRAINING}, "
                                     "{address: \"10.0.0.1:80\", id: b}")),
              IsEmpty());
}

TEST(ReadCluster, MayBeEmptyOrDrained) {
  EXPECT_THAT(ViolationsOf(Endpoints("")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Endpoints("{address: \"10.0.0.1:80\", weight: 0}")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Cluster("endpoints: [], dns: {name: a, port: 80}")), IsEmpty());
}

}  // namespace
}  // namespace fairlead::config
