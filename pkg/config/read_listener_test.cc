#include "pkg/config/read_listener.h"

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Listener(const std::string& fields) {
  return "listeners: [{name: a, address: \"0.0.0.0:80\"" + fields + "}]";
}

TEST(ReadListener, SaysWhatIsWrong) {
  const std::vector<ViolationCase> cases = {
      {"listeners: [{address: \"0.0.0.0:80\"}]", "listeners[0].name: is missing, give it a name (line 1)"},
      {"listeners: [{name: " + std::string(129, 'a') + ", address: \"0.0.0.0:80\"}]",
       "listeners[0].name: \"" + std::string(80, 'a') +
           "…\" is too long, use at most 128 characters (line 1)"},
      {"listeners: [{name: \"a\\\"b\", address: \"0.0.0.0:80\"}]",
       "listeners[0].name: \"a\"b\" is no name, use letters, digits, and behind the first also . _ - / : "
       "(line 1)"},
      {"listeners: [{name: a}]",
       "listeners[0].address: is missing, write IP:port, [IPv6]:port or unix:/path (line 1)"},
      {"listeners: [{name: a, address: \":80\"}]",
       "listeners[0].address: \":80\" is no address, write IP:port, [IPv6]:port or unix:/path (line 1)"},
      {"listeners: [{name: a, address: \"127.0.0.1:080\"}]",
       "listeners[0].address: \"127.0.0.1:080\" is no address, write IP:port, [IPv6]:port or unix:/path "
       "(line 1)"},
      {"listeners: [{name: a, address: \"unix:/" + std::string(200, 'x') + "\"}]",
       "listeners[0].address: its path of 201 bytes is too long, use at most 107 bytes (line 1)"},
      {"listeners: [{name: a, address: \"unix:relative\"}]",
       "listeners[0].address: \"unix:relative\" is no address, write IP:port, [IPv6]:port or unix:/path "
       "(line 1)"},
      {Listener(", trusted_proxies: [10.0.0.1, 10.0.0.1/8]"),
       "listeners[0].trusted_proxies[1]: \"10.0.0.1/8\" is no address prefix, write one such as 10.0.0.0/8, "
       "without "
       "bits behind its length (line 1)"},
      {Listener(", proxy_protocol: REQUIRED"),
       "listeners[0].proxy_protocol: believes nobody without trusted_proxies, list there the addresses of "
       "the "
       "balancers that send the header (line 1)"},
      {Listener(", limits: {max_header_bytes: 0}"),
       "listeners[0].limits.max_header_bytes: 0 is out of range, give a number from 1024 to 1048576 (line "
       "1)"},
      {Listener(", limits: {handshake_timeout: 0s}"),
       "listeners[0].limits.handshake_timeout: 0s is out of range, give a duration from 1ms to 1h (line 1)"},
      {Listener(", limits: {upgrade_queue: 5}"),
       "listeners[0].limits.upgrade_queue: has no effect without upgrades_per_second, say there how many a "
       "second are let through (line 1)"},
      {Listener(", limits: {min_body_rate: 1000001}"),
       "listeners[0].limits.min_body_rate: 1000001 is out of range, give a number from 0 to 1000000 (line "
       "1)"},
      {"overload: {max_buffered_bytes: 1000}",
       "overload.max_buffered_bytes: 1000 is out of range, give a number from 65536 to 4294967295 (line 1)"},
      {Listener(", limits: {handshake_timeout: 61m}"),
       "listeners[0].limits.handshake_timeout: 1h1m is out of range, give a duration from 1ms to 1h (line "
       "1)"},
  };
  for (const ViolationCase& c : cases) EXPECT_THAT(ViolationsOf(c.yaml), ElementsAre(c.violation)) << c.yaml;
}

TEST(ReadListener, WantsAnAddressForEach) {
  EXPECT_THAT(ViolationsOf("listeners:\n"
                           "- {name: a, address: \"0.0.0.0:80\"}\n"
                           "- {name: b, address: \"[::]:80\"}\n"
                           "- {name: c, address: \"0.0.0.0:80\"}\n"
                           "- {name: d, address: \"127.0.0.1:9181\"}\n"
                           "- {name: e, address: \"unix:/a\"}\n"
                           "- {name: f, address: \"unix:/a\"}\n"),
              ElementsAre("listeners[2].address: the address \"0.0.0.0:80\" is taken by "
                          "listeners[0].address, give each its own address (line 4)",
                          "listeners[3].address: the address \"127.0.0.1:9181\" is taken by admin.address, "
                          "give each its own address (line 5)",
                          "listeners[5].address: the address \"unix:/a\" is taken by listeners[4].address, "
                          "give each its own address (line 7)"));
}

TEST(ReadListener, LetsTheKernelChooseSeveralPorts) {
  EXPECT_THAT(
      ViolationsOf("listeners: [{name: a, address: \"0.0.0.0:0\"}, {name: b, address: \"0.0.0.0:0\"}]"),
      IsEmpty());
}

TEST(ReadListener, WantsANameForEach) {
  EXPECT_THAT(ViolationsOf(
                  "listeners:\n- {name: a, address: \"0.0.0.0:80\"}\n- {name: a, address: \"0.0.0.0:81\"}\n"),
              ElementsAre("listeners[1].name: the name \"a\" is taken by listeners[0].name, give each its "
                          "own name (line 3)"));
}

}  // namespace
}  // namespace fairlead::config
