#include "pkg/config/read_virtual_host.h"

#include <string>

#include "gmock/gmock.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Domain(const std::string& domain) {
  return "virtual_hosts: [{name: v, domains: [\"" + domain + "\"]}]";
}

TEST(ReadVirtualHost, TakesDomains) {
  for (const char* domain : {"*", "a", "chat.example.com", "*.example.com", "10.0.0.1", "[::1]",
                             "x_y.z-1.example", "xn--bcher-kva.example", "UPPER.example"}) {
    EXPECT_THAT(ViolationsOf(Domain(domain)), IsEmpty()) << domain;
  }
}

TEST(ReadVirtualHost, RefusesOtherDomains) {
  const std::string path = "virtual_hosts[0].domains[0]: ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"chat.example.com:80", "has a port, leave it out: the port in Host does not matter (line 1)"},
      {"[::1]:80", "has a port, leave it out: the port in Host does not matter (line 1)"},
      {"chat.*", "is no wildcard, write *.example.com, or * for any host (line 1)"},
      {"*chat.example.com", "is no wildcard, write *.example.com, or * for any host (line 1)"},
      {"*.*.example.com", "is no wildcard, write *.example.com, or * for any host (line 1)"},
      {"*.", "is no wildcard, write *.example.com, or * for any host (line 1)"},
      {"", "is no host name, write chat.example.com, *.example.com, an address, or * for any host (line 1)"},
      {"a..b",
       "is no host name, write chat.example.com, *.example.com, an address, or * for any host (line 1)"},
      {"a.",
       "is no host name, write chat.example.com, *.example.com, an address, or * for any host (line 1)"},
      {"http://a",
       "is no host name, write chat.example.com, *.example.com, an address, or * for any host (line 1)"},
      {"bücher.example",
       "is no host name, write chat.example.com, *.example.com, an address, or * for any host (line 1)"},
      {"[::g]",
       "is no host name, write chat.example.com, *.example.com, an address, or * for any host (line 1)"},
  };
  for (const auto& [domain, violation] : cases) {
    EXPECT_THAT(ViolationsOf(Domain(domain)), ElementsAre(path + "\"" + domain + "\" " + violation));
  }
}

TEST(ReadVirtualHost, SaysWhatIsWrong) {
  const std::vector<ViolationCase> cases = {
      {"virtual_hosts: [{domains: [a]}]", "virtual_hosts[0].name: is missing, give it a name (line 1)"},
      {"virtual_hosts: [{name: v}]",
       "virtual_hosts[0].domains: is missing, list host names, or \"*\" for any (line 1)"},
      {"virtual_hosts: [{name: v, domains: [a], listeners: [l]}]",
       "virtual_hosts[0].listeners[0]: there is no listener \"l\", name one that is listed under listeners "
       "(line 1)"},
      {"virtual_hosts: [{name: v, domains: [a], listeners: []}]",
       "virtual_hosts[0].listeners: is empty, name listeners, or leave it out for all of them (line 1)"},
      {"virtual_hosts: [{name: v, domains: [a]}, {name: v, domains: [b]}]",
       "virtual_hosts[1].name: the name \"v\" is taken by virtual_hosts[0].name, give each its own name "
       "(line 1)"},
      {"{listeners: [{name: l, address: \"0.0.0.0:80\"}], virtual_hosts: [{name: v, domains: [a], listeners: "
       "[l, l]}]}",
       "virtual_hosts[0].listeners[1]: the listener \"l\" is taken by virtual_hosts[0].listeners[0], give "
       "each its own "
       "listener (line 1)"},
  };
  for (const ViolationCase& c : cases) EXPECT_THAT(ViolationsOf(c.yaml), ElementsAre(c.violation)) << c.yaml;
}

TEST(ReadVirtualHost, WantsANameForEachRouteOfAllHosts) {
  EXPECT_THAT(
      ViolationsOf("virtual_hosts:\n"
                   "- name: v\n"
                   "  domains: [a]\n"
                   "  routes:\n"
                   "  - {name: r, match: {prefix: /a}, cluster: c}\n"
                   "  - {name: r, match: {prefix: /b}, cluster: c}\n"
                   "- name: w\n"
                   "  domains: [b]\n"
                   "  routes:\n"
                   "  - {name: r, match: {prefix: /a}, cluster: c}\n"
                   "clusters: [{name: c, endpoints: []}]\n"),
      ElementsAre(
          "virtual_hosts[0].routes[1].name: the name \"r\" is taken by virtual_hosts[0].routes[0].name, "
          "give each its own name (line 6)",
          "virtual_hosts[1].routes[0].name: the name \"r\" is taken by virtual_hosts[0].routes[0].name, "
          "give each its own name (line 10)"));
}

}  // namespace
}  // namespace fairlead::config
