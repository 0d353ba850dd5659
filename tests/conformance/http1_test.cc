#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "tests/conformance/http1_case.h"
#include "tests/conformance/http1_stage.h"

namespace fairlead::testing {
namespace {

// Another way to talk to the proxy is another line here.
const std::vector<Transport> kTransports = {
    {"Whole", "http", ConnectPlainly},         {"ByteByByte", "http", ConnectPlainly, true},
    {"Tls13Whole", "https", ConnectOverTls13}, {"Tls13ByteByByte", "https", ConnectOverTls13, true},
    {"Tls12Whole", "https", ConnectOverTls12}, {"Tls12ByteByByte", "https", ConnectOverTls12, true},
};

std::vector<std::string> CaseFiles() {
  std::vector<std::string> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("tests/conformance/http1", none)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Http1CaseFile ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return ParseHttp1Cases(text.str());
}

class Http1Rules : public ::testing::TestWithParam<std::tuple<Transport, std::string>> {};

TEST_P(Http1Rules, AreKept) {
  const auto& [transport, path] = GetParam();
  const Http1CaseFile file = ReadFile(path);
  ASSERT_THAT(file.errors, ::testing::IsEmpty());
  Http1Stage stage(transport);
  for (const Http1Case& one : file.cases) {
    SCOPED_TRACE(one.name);
    stage.Play(one);
  }
  stage.ExpectEmpty();
}

std::string NameOf(const ::testing::TestParamInfo<Http1Rules::ParamType>& info) {
  const auto& [transport, path] = info.param;
  return transport.name + "_" + std::filesystem::path(path).stem().string();
}

INSTANTIATE_TEST_SUITE_P(Http1, Http1Rules,
                         ::testing::Combine(::testing::ValuesIn(kTransports),
                                            ::testing::ValuesIn(CaseFiles())),
                         NameOf);

TEST(Http1Cases, AreManyAndEachHasANameOfItsOwn) {
  std::map<std::string, std::string> files;
  for (const std::string& path : CaseFiles()) {
    for (const Http1Case& one : ReadFile(path).cases) {
      const auto [other, is_new] = files.emplace(one.name, path);
      EXPECT_TRUE(is_new) << one.name << " is in " << path << " and in " << other->second;
    }
  }
  EXPECT_GE(files.size(), 150u);
  RecordProperty("cases", static_cast<int>(files.size()));
}

}  // namespace
}  // namespace fairlead::testing
