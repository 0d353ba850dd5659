#include "pkg/config/yaml_to_proto.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fairlead/config/v1/config.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using testing::ElementsAre;
using testing::IsEmpty;

void Expect(const std::vector<ViolationCase>& cases) {
  for (const ViolationCase& c : cases) EXPECT_THAT(ViolationsOf(c.yaml), ElementsAre(c.violation)) << c.yaml;
}

// What a message read from the text looks like, for one that has no violations.
template <typename Message>
std::string Read(std::string_view yaml) {
  Violation violation;
  const std::optional<YamlDocument> document = YamlDocument::Parse(yaml, &violation);
  Report report(&*document);
  Message message;
  EXPECT_TRUE(YamlToProto(*document, {&message}, report));
  for (const Violation& found : std::move(report).Take()) ADD_FAILURE() << found.ToString();
  return message.ShortDebugString();
}

TEST(YamlToProto, KnowsTheKeys) {
  Expect({
      {"workres: 1", "workres: is no field here, write workers if that is meant (line 1)"},
      {"virtualHosts: []", "virtualHosts: is no field here, write virtual_hosts if that is meant (line 1)"},
      {"node: {name: a}", "node.name: is no field here, there are id, zone (line 1)"},
      {"workers: 1\nworkers: 2", "workers: is given twice, first in line 1, leave one (line 2)"},
      {"workers: 1\n\"wor\\nkers\": 2",
       "wor\\x0akers: is no field here, write workers if that is meant (line 2)"},
  });
}

TEST(YamlToProto, KnowsWhatKindAFieldIs) {
  Expect({
      {"[]", "is a list, write a map of fields (line 1)"},
      {"just text", "is a single value, write a map of fields (line 1)"},
      {"node: text", "node: is a single value, write a map of fields (line 1)"},
      {"node: []", "node: is a list, write a map of fields (line 1)"},
      {"listeners: {}", "listeners: is a map, write a list (line 1)"},
      {"listeners: web", "listeners: is a single value, write a list (line 1)"},
      {"node: {id: [a]}", "node.id: is a list, write a text (line 1)"},
      {"workers: {}", "workers: is a map, write a whole number in plain digits (line 1)"},
  });
}

TEST(YamlToProto, TakesNothingForNoValue) {
  Expect({
      {"node:\nworkers: 1", "node: has no value, write a map of fields (line 1)"},
      {"listeners:", "listeners: has no value, write a list (line 1)"},
      {"node: {id: ~}", "node.id: has no value, write a text (line 1)"},
      {"node: {id: null}", "node.id: has no value, write a text (line 1)"},
      {"drain: {delay: }", "drain.delay: has no value, write a duration such as 5m, 1h30m or 250ms (line 1)"},
  });
}

TEST(YamlToProto, ReadsNumbers) {
  EXPECT_EQ(Read<v1::Bootstrap>("workers: 4294967295"), "workers: 4294967295");
  EXPECT_EQ(Read<v1::Bootstrap>("workers: \"7\""), "workers: 7");
  for (std::string_view text :
       {"-1", "1.5", "1e3", ".nan", "NaN", "010", "0x10", "1_000", "+1", "''", "' 1'", "yes"}) {
    const std::string bare(text.starts_with('\'') ? text.substr(1, text.size() - 2) : text);
    Expect(
        {{fmt::format("workers: {}", text),
          fmt::format("workers: \"{}\" is not a whole number, write a whole number in plain digits (line 1)",
                      bare)}});
  }
  Expect({{"workers: 4294967296", "workers: \"4294967296\" is too large, write a smaller number (line 1)"}});
}

TEST(YamlToProto, ReadsDurations) {
  EXPECT_EQ(Read<v1::Drain>("{delay: 1h30m, window: 1.5s}"),
            "delay { seconds: 5400 } window { seconds: 1 nanos: 500000000 }");
  EXPECT_EQ(Read<v1::Drain>("{delay: 0}"), "delay { }");
  const std::string remedy = "write a duration such as 5m, 1h30m or 250ms (line 1)";
  Expect({
      {"drain: {delay: 5}", "drain.delay: \"5\" is not a duration, " + remedy},
      {"drain: {delay: -5s}", "drain.delay: \"-5s\" is negative, " + remedy},
      {"drain: {delay: 1.5ms}", "drain.delay: \"1.5ms\" is finer than a millisecond, " + remedy},
      {"drain: {delay: 99999999d}", "drain.delay: \"99999999d\" is too long, " + remedy},
      {"drain: {delay: {seconds: 5}}", "drain.delay: is a map, " + remedy},
  });
}

TEST(YamlToProto, ReadsEnums) {
  EXPECT_EQ(Read<v1::AccessLog>("mode: DISABLED"), "mode: ACCESS_LOG_MODE_DISABLED");
  EXPECT_EQ(Read<v1::AccessLog>("mode: ACCESS_LOG_MODE_DISABLED"), "mode: ACCESS_LOG_MODE_DISABLED");
  const std::string remedy = "write one of END, OPEN_AND_END, DISABLED (line 1)";
  Expect({
      {"access_log: {mode: end}",
       "access_log.mode: \"end\" is not known, write END if that is meant (line 1)"},
      {"access_log: {mode: both}", "access_log.mode: \"both\" is not known, " + remedy},
      {"access_log: {mode: UNSPECIFIED}", "access_log.mode: \"UNSPECIFIED\" is not known, " + remedy},
      {"access_log: {mode: 1}", "access_log.mode: \"1\" is not known, " + remedy},
  });
}

TEST(YamlToProto, ReadsBools) {
  EXPECT_EQ(Read<v1::Route>("{forwarded_header: true, via_header: false}"), "forwarded_header: true");
  const std::string path = "virtual_hosts[0].routes[0].via_header: ";
  const auto route = [](std::string_view value) {
    return fmt::format(
        "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, cluster: c, "
        "via_header: {}}}]}}]\nclusters: [{{name: c, endpoints: []}}]",
        value);
  };
  Expect({
      {route("yes"),
       path + "\"yes\" is neither true nor false, write true or false, without quotes (line 1)"},
      {route("1"), path + "\"1\" is neither true nor false, write true or false, without quotes (line 1)"},
      {route("'true'"), path + "\"true\" is text, write true or false, without quotes (line 1)"},
  });
}

TEST(YamlToProto, TakesTextAsItStands) {
  EXPECT_EQ(Read<v1::Node>("{id: 010, zone: 1.10}"), "id: \"010\" zone: \"1.10\"");
  EXPECT_EQ(Read<v1::Node>("{id: true, zone: \"\"}"), "id: \"true\"");
}

TEST(YamlToProto, TellsAbsentFromEmpty) {
  EXPECT_EQ(Read<v1::Route>("{}"), "");
  EXPECT_EQ(Read<v1::Route>("{upgrades: []}"), "upgrades { }");
  EXPECT_EQ(Read<v1::Telemetry>("{address: \"\"}"), "address: \"\"");
  EXPECT_EQ(Read<v1::Endpoint>("{weight: 0}"), "weight: 0");
}

TEST(YamlToProto, TakesAMessageThatIsAListAsAList) {
  EXPECT_EQ(Read<v1::Route>("{upgrades: [websocket]}"), "upgrades { tokens: \"websocket\" }");
  const auto route = [](std::string_view value) {
    return fmt::format(
        "virtual_hosts: [{{name: v, domains: [a], routes: [{{name: r, match: {{prefix: /}}, cluster: c, "
        "upgrades: {}}}]}}]\nclusters: [{{name: c, endpoints: []}}]",
        value);
  };
  const std::string path = "virtual_hosts[0].routes[0].upgrades: ";
  Expect({
      {route("websocket"), path + "is a single value, write a list (line 1)"},
      {route("~"), path + "has no value, write a list (line 1)"},
      {route("{tokens: [websocket]}"), path + "is a map, write a list (line 1)"},
  });
}

TEST(YamlToProto, TellsOfEveryUnknownKeyButWhatWasMeantOfTheFirstOnly) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += fmt::format("worker{}: 1\n", i);
  const std::vector<std::string> violations = ViolationsOf(text);
  ASSERT_EQ(violations.size(), 300u);
  EXPECT_THAT(violations.front(), testing::HasSubstr("write workers if that is meant"));
  EXPECT_EQ(violations.back(), "worker299: is no field here, leave it out (line 300)");
}

TEST(YamlToProto, ReadsMaps) {
  EXPECT_EQ(Read<v1::HeaderRules>("{set: {x-a: 1}}"), "set { key: \"x-a\" value: \"1\" }");
  const std::string route =
      "clusters: [{name: c, endpoints: []}]\n"
      "virtual_hosts:\n- name: v\n  domains: [a]\n  routes:\n"
      "  - {name: r, match: {prefix: /}, cluster: c, request_headers: {set: ";
  const std::string path = "virtual_hosts[0].routes[0].request_headers.set";
  Expect({
      {route + "[x-a]}}", path + ": is a list, write a map of names and values (line 6)"},
      {route + "{x-a: [1]}}}", path + ".x-a: is a list, write a text (line 6)"},
      {route + "{x-a: 1, x-a: 2}}}", path + ".x-a: is given twice, first in line 6, leave one (line 6)"},
  });
}

TEST(YamlToProto, TakesOneFieldOfAOneof) {
  EXPECT_EQ(Read<v1::RouteMatch>("{exact: /a}"), "exact: \"/a\"");
  Expect({{
      "virtual_hosts: [{name: v, domains: [a], routes: [{name: r, match: {prefix: /, exact: /a}, cluster: "
      "c}]}]\n"
      "clusters: [{name: c, endpoints: []}]",
      "virtual_hosts[0].routes[0].match.exact: stands beside prefix, one of them may be given (line 1)",
  }});
}

TEST(YamlToProto, KeepsTheIndexesOfAListThatIsBroken) {
  EXPECT_THAT(
      ViolationsOf("listeners:\n- ~\n- text\n- {name: a, address: nowhere}"),
      ElementsAre("listeners[0]: has no value, write a map of fields (line 2)",
                  "listeners[0].name: is missing, give it a name (line 2)",
                  "listeners[0].address: is missing, write IP:port, [IPv6]:port or unix:/path (line 2)",
                  "listeners[1]: is a single value, write a map of fields (line 3)",
                  "listeners[1].name: is missing, give it a name (line 3)",
                  "listeners[1].address: is missing, write IP:port, [IPv6]:port or unix:/path (line 3)",
                  "listeners[2].address: \"nowhere\" is no address, write IP:port, [IPv6]:port or unix:/path "
                  "(line 4)"));
}

TEST(YamlToProto, DoesNotCallMissingWhatWasMisspelled) {
  EXPECT_THAT(ViolationsOf("listeners: [{name: a, adress: \"0.0.0.0:80\"}]"),
              ElementsAre("listeners[0].adress: is no field here, write address if that is meant (line 1)"));
}

TEST(YamlToProto, GoesThroughAliases) {
  EXPECT_EQ(Read<v1::VirtualHost>("{name: &n a, domains: [*n, *n]}"),
            "name: \"a\" domains: \"a\" domains: \"a\"");
}

TEST(YamlToProto, BoundsWhatAliasesMakeOfAFile) {
  std::string bomb =
      "virtual_hosts:\n- &host\n  domains: [a]\n  routes:\n  - &route\n    match:\n      headers: [&h {name: "
      "x}";
  for (int i = 0; i < 1000; ++i) bomb += ", *h";
  bomb += "]\n";
  for (int i = 0; i < 1000; ++i) bomb += "  - *route\n";
  for (int i = 0; i < 1000; ++i) bomb += "- *host\n";
  EXPECT_THAT(ViolationsOf(bomb), testing::Contains(testing::StartsWith("the file grows too large")));
}

void Collect(const Descriptor& type, std::set<const Descriptor*>* types) {
  if (!types->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() != nullptr) Collect(*type.field(i)->message_type(), types);
  }
}

// The reader knows these types of fields and no others.
TEST(YamlToProto, KnowsTheTypeOfEveryField) {
  std::set<const Descriptor*> types;
  Collect(*v1::Bootstrap::descriptor(), &types);
  Collect(*v1::Config::descriptor(), &types);
  for (const Descriptor* type : types) {
    if (type->full_name() == "google.protobuf.Duration") continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      const FieldDescriptor::CppType cpp = field.cpp_type();
      const bool scalar = cpp == FieldDescriptor::CPPTYPE_UINT32 || cpp == FieldDescriptor::CPPTYPE_BOOL ||
                          cpp == FieldDescriptor::CPPTYPE_DOUBLE;
      const bool any = cpp == FieldDescriptor::CPPTYPE_STRING || cpp == FieldDescriptor::CPPTYPE_ENUM ||
                       cpp == FieldDescriptor::CPPTYPE_MESSAGE;
      EXPECT_TRUE(any || (field.is_repeated() ? cpp == FieldDescriptor::CPPTYPE_UINT32 : scalar))
          << field.full_name();
      if (field.is_map()) {
        EXPECT_EQ(field.message_type()->map_value()->cpp_type(), FieldDescriptor::CPPTYPE_STRING);
      }
    }
  }
}

// The top level of a file is both messages side by side.
TEST(YamlToProto, HasNoFieldTwiceAtTheTop) {
  for (int i = 0; i < v1::Bootstrap::descriptor()->field_count(); ++i) {
    EXPECT_EQ(v1::Config::descriptor()->FindFieldByName(v1::Bootstrap::descriptor()->field(i)->name()),
              nullptr);
  }
}

}  // namespace
}  // namespace fairlead::config
