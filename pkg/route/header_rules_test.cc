#include "pkg/route/header_rules.h"

#include <gmock/gmock.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace fairlead::route {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Applied(const config::HeaderRules& rules, std::initializer_list<http1::Field> before,
                                 const Variables& variables = {}) {
  http1::Fields fields;
  for (const http1::Field& field : before) fields.Add(field.name, field.value);
  const HeaderRules compiled(rules);
  compiled.Apply(variables, &fields);
  std::vector<std::string> lines;
  for (const http1::Field& field : fields) {
    lines.push_back(std::string(field.name).append(": ").append(field.value));
  }
  return lines;
}

TEST(HeaderRules, LeavesFieldsAloneWhenThereAreNone) {
  EXPECT_THAT(Applied({}, {{"Accept", "*/*"}, {"X-A", "1"}}), ElementsAre("Accept: */*", "X-A: 1"));
}

TEST(HeaderRules, RemovesEveryLineOfAName) {
  EXPECT_THAT(Applied({{}, {}, {"x-secret"}}, {{"X-Secret", "1"}, {"Accept", "*/*"}, {"x-secret", "2"}}),
              ElementsAre("Accept: */*"));
}

TEST(HeaderRules, SetsOneValueInPlaceOfAll) {
  EXPECT_THAT(Applied({{{"x-real-ip", "%client_ip%"}}, {}, {}},
                      {{"X-Real-IP", "forged"}, {"x-real-ip", "twice"}}, {.client_ip = "192.0.2.7"}),
              ElementsAre("x-real-ip: 192.0.2.7"));
}

TEST(HeaderRules, SetsWhatWasNotThere) {
  EXPECT_THAT(Applied({{{"x-b", "2"}}, {}, {}}, {{"x-a", "1"}}), ElementsAre("x-a: 1", "x-b: 2"));
}

TEST(HeaderRules, OverwritesEvenWithAnEmptyValue) {
  EXPECT_THAT(Applied({{{"x-real-ip", "%client_ip%"}}, {}, {}}, {{"X-Real-IP", "forged"}}),
              ElementsAre("x-real-ip: "));
}

TEST(HeaderRules, AddsBesideWhatIsThere) {
  EXPECT_THAT(Applied({{}, {{"x-a", "2"}}, {}}, {{"x-a", "1"}}), ElementsAre("x-a: 1", "x-a: 2"));
}

TEST(HeaderRules, RemovesThenSetsThenAdds) {
  EXPECT_THAT(Applied({{{"x-a", "set"}}, {{"x-a", "added"}}, {"x-a"}}, {{"x-a", "old"}}),
              ElementsAre("x-a: set", "x-a: added"));
}

}  // namespace
}  // namespace fairlead::route
