#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "pkg/balancer/stable_hash.h"
#include "pkg/balancer/test_cluster.h"

namespace fairlead::balancer {
namespace {

// One list of picks of testdata/golden.txt, and what it is of.
struct Golden {
  std::string name;
  Settings settings;
  std::vector<std::string> hash_ids;
  std::vector<Member> members;
  std::vector<Now> now;
  std::string picks;
  std::string digest;
};

const std::map<std::string, Policy> kPolicies = {
    {"RING_HASH", Policy::kRingHash}, {"MAGLEV", Policy::kMaglev}, {"RENDEZVOUS", Policy::kRendezvous}};

void ReadHost(std::istringstream& words, Golden* golden) {
  Member member;
  Now now;
  std::string word;
  words >> golden->hash_ids.emplace_back() >> member.weight;
  while (words >> word) {
    if (word == "out") now.unhealthy = true;
    if (word == "full") now.full = true;
    if (word == "newcomer") member.newcomer = true;
    if (word == "elsewhere") member.same_zone = false;
    if (word.starts_with("priority=")) member.priority = static_cast<uint32_t>(std::stoul(word.substr(9)));
    if (word.starts_with("load=")) now.load = std::stoul(word.substr(5));
    if (word.starts_with("share=")) now.share = static_cast<uint32_t>(std::stoul(word.substr(6)));
  }
  golden->members.push_back(member);
  golden->now.push_back(now);
}

void ReadLine(const std::string& line, Golden* golden) {
  std::istringstream words(line);
  std::string kind, rest;
  words >> kind;
  if (kind == "host") return ReadHost(words, golden);
  std::getline(words >> std::ws, rest);
  if (kind == "name") golden->name = rest;
  if (kind == "policy") golden->settings.policy = kPolicies.at(rest);
  if (kind == "table_size") golden->settings.maglev_table_size = std::stoul(rest);
  if (kind == "bounded_load_permille") golden->settings.bounded_load_permille = std::stoul(rest);
  if (kind == "prefer_same_zone") golden->settings.prefer_same_zone = rest == "1";
  if (kind == "failover_percent") golden->settings.failover_percent = std::stoul(rest);
  if (kind == "panic_percent") golden->settings.panic_percent = std::stoul(rest);
  if (kind == "picks") golden->picks = rest;
  if (kind == "digest") golden->digest = rest;
}

std::vector<Golden> ReadAll() {
  std::ifstream file("pkg/balancer/testdata/golden.txt");
  std::vector<Golden> all;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty()) all.emplace_back().settings.panic_percent = 0;
    if (!all.empty()) ReadLine(line, &all.back());
  }
  return all;
}

TEST(Golden, PicksAreAsWritten) {
  const std::vector<Golden> all = ReadAll();
  ASSERT_EQ(all.size(), 36);
  for (Golden golden : all) {
    for (size_t i = 0; i < golden.members.size(); ++i) golden.members[i].hash_id = golden.hash_ids[i];
    TestCluster cluster(golden.settings, golden.members);
    cluster.now = golden.now;
    std::string picks;
    for (int i = 0; i < 10000; ++i) {
      picks +=
          fmt::format("{}{}", i == 0 ? "" : " ", cluster.Pick(StableHash(fmt::format("key-{}", i))).value());
    }
    uint64_t digest = 0xcbf29ce484222325;  // FNV-1a
    for (const char byte : picks) digest = (digest ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    EXPECT_EQ(picks.substr(0, golden.picks.size()), golden.picks) << golden.name;
    EXPECT_EQ(fmt::format("{:016x}", digest), golden.digest) << golden.name;
  }
}

}  // namespace
}  // namespace fairlead::balancer
