#include "pkg/config/read_resilience.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string With(const std::string& fields) {
  return "clusters: [{name: c, endpoints: [], " + fields + "}]";
}

Resilience Read(const std::string& fields) {
  return LoadYaml(With(fields)).file->config.clusters.front().resilience;
}

TEST(ReadResilience, SaysWhatIsWrong) {
  const std::vector<ViolationCase> cases = {
      {With("health_check: {}"),
       "clusters[0].health_check: does not say how to ask, give tcp: {}, http: {path: /healthz} or "
       "websocket: "
       "{} (line 1)"},
      {With("health_check: {http: {path: healthz}}"),
       "clusters[0].health_check.http.path: \"healthz\" does not start with /, write a path such as /chat "
       "(line "
       "1)"},
      {With("health_check: {http: {host: \"a b\"}}"),
       "clusters[0].health_check.http.host: \"a b\" is no host, write name, name:port, IP:port or "
       "[IPv6]:port "
       "(line 1)"},
      {With("health_check: {http: {expected_statuses: [200, 101]}}"),
       "clusters[0].health_check.http.expected_statuses[1]: 101 is out of range, give a number from 200 to "
       "599 "
       "(line 1)"},
      {With("outlier: {ejection: 1m, max_ejection: 30s}"),
       "clusters[0].outlier.max_ejection: is shorter than ejection, give at least as much, or leave it out "
       "(line 1)"},
      {With("retries: {retry_on: []}"),
       "clusters[0].retries.retry_on: is empty, name a failure, or write attempts: 1 for no retries (line "
       "1)"},
      {With("source_addresses: [\"10.0.0.1:80\"]"),
       "clusters[0].source_addresses[0]: \"10.0.0.1:80\" is no address, write one of this host's, such as "
       "10.0.0.7, without a port (line 1)"},
      {With("source_addresses: [0.0.0.0]"),
       "clusters[0].source_addresses[0]: \"0.0.0.0\" is no address to send from, write one of this host's "
       "(line 1)"},
      {With("source_addresses: [\"ff02::1\"]"),
       "clusters[0].source_addresses[0]: \"ff02::1\" is no address to send from, write one of this host's "
       "(line 1)"},
      {With("source_addresses: [10.0.0.1, 10.0.0.1]"),
       "clusters[0].source_addresses[1]: the source address \"10.0.0.1\" is taken by "
       "clusters[0].source_addresses[0], give each its own source address (line 1)"},
      {With("sticky_cookie: {name: \"a b\"}"),
       "clusters[0].sticky_cookie.name: \"a b\" is no name of a cookie, use at most 64 letters, digits, - "
       "and _ "
       "(line 1)"},
      {With("sticky_cookie: {path: \"/a;b\"}"),
       "clusters[0].sticky_cookie.path: \"/a;b\" has a semicolon, percent-encode it (line 1)"},
      {With("sticky_cookie: {same_site: NONE}"),
       "clusters[0].sticky_cookie.same_site: NONE is refused by browsers without secure, add secure: true "
       "(line "
       "1)"},
      {With("sticky_cookie: {key_file: key}"),
       "clusters[0].sticky_cookie.key_file: \"key\" is no absolute path, begin it with / and use at most "
       "4095 "
       "bytes (line 1)"},
  };
  for (const ViolationCase& item : cases) {
    EXPECT_THAT(ViolationsOf(item.yaml), ElementsAre(item.violation)) << item.yaml;
  }
}

TEST(ReadResilience, AbsentMeansOffOrTheDefault) {
  const Resilience resilience = Read("limits: {}");
  EXPECT_FALSE(resilience.health_check);
  EXPECT_FALSE(resilience.outlier);
  EXPECT_FALSE(resilience.sticky_cookie);
  EXPECT_EQ(resilience.retries, Retries());
  EXPECT_EQ(resilience, Resilience());
}

TEST(ReadResilience, EmptyMeansOnWithTheDefaults) {
  EXPECT_EQ(Read("outlier: {}").outlier, Outlier());
  EXPECT_EQ(Read("sticky_cookie: {}").sticky_cookie, StickyCookie());
  EXPECT_EQ(Read("health_check: {websocket: {}}").health_check->check,
            decltype(HealthCheck::check)(WebSocketCheck()));
}

TEST(ReadResilience, TheLongestEjectionIsNeverShorterThanTheFirst) {
  EXPECT_EQ(Read("outlier: {ejection: 1h}").outlier->max_ejection, std::chrono::hours(1));
}

TEST(ReadResilience, TakesExactlyTheConditionsThatAreNamed) {
  const Retries retries = Read("retries: {retry_on: [REFUSED]}").retries;
  EXPECT_FALSE(retries.on_connect_failure);
  EXPECT_TRUE(retries.on_refused);
  EXPECT_FALSE(retries.on_before_response);
}

}  // namespace
}  // namespace fairlead::config
