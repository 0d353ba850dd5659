#include "pkg/config/yaml_document.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"

namespace fairlead::config {
namespace {

std::string Refusal(std::string_view text) {
  Violation violation;
  return YamlDocument::Parse(text, &violation) ? "" : violation.ToString();
}

YamlDocument Parsed(std::string_view text) {
  Violation violation;
  std::optional<YamlDocument> document = YamlDocument::Parse(text, &violation);
  EXPECT_TRUE(document.has_value()) << violation.ToString();
  return std::move(*document);
}

std::string Nested(size_t depth) {
  return std::string(depth, '[').append(depth, ']');
}

std::vector<std::string> Keys(const YamlNode& map) {
  std::vector<std::string> keys;
  for (const YamlNode::Entry& entry : map.entries) {
    keys.push_back(fmt::format("{}={}", entry.key, entry.value->text));
  }
  return keys;
}

TEST(YamlDocument, KnowsTheLineOfEverything) {
  const YamlDocument document = Parsed("a: 1\nb:\n  c:\n  - x\n  - y: 2\n    z: 3\n");
  const Path root, b = root.Field("b"), c = b.Field("c"), item = c.Index(1);
  EXPECT_EQ(document.LineOf(root.Field("a")), 1);
  EXPECT_EQ(document.LineOf(b), 2);
  EXPECT_EQ(document.LineOf(c.Index(0)), 4);
  EXPECT_EQ(document.LineOf(item.Field("z")), 6);
  EXPECT_TRUE(document.Has(item.Field("z")));
}

TEST(YamlDocument, GivesTheLineAroundWhatIsMissing) {
  const YamlDocument document = Parsed("a: 1\nb:\n  c:\n  - x\n");
  const Path root, b = root.Field("b"), c = b.Field("c"), far = c.Index(7), farther = far.Field("z");
  EXPECT_EQ(document.LineOf(farther), 3);
  EXPECT_EQ(document.LineOf(b.Field("nothing")), 2);
  EXPECT_EQ(document.LineOf(root.Field("nothing")), 1);
  EXPECT_FALSE(document.Has(far));
  EXPECT_FALSE(document.Has(farther));
}

TEST(YamlDocument, TellsQuotedFromPlain) {
  const YamlDocument document = Parsed("[1, \"1\", '1', ~, \"~\"]");
  const std::vector<const YamlNode*>& items = document.root().items;
  EXPECT_FALSE(items[0]->quoted);
  EXPECT_TRUE(items[1]->quoted);
  EXPECT_TRUE(items[2]->quoted);
  EXPECT_EQ(items[3]->kind, YamlNode::Kind::kNull);
  EXPECT_EQ(items[4]->text, "~");
}

TEST(YamlDocument, ReadsJson) {
  const YamlDocument document = Parsed("{\n\t\"a\":1,\n\t\"b\":[{\"c\":\"\\u00fc\\n\"}]\n}\n");
  EXPECT_EQ(document.root().entries[1].value->items[0]->entries[0].value->text, "ü\n");
}

TEST(YamlDocument, KeepsDuplicatesForTheReader) {
  EXPECT_THAT(Keys(Parsed("{a: 1, a: 2}").root()), testing::ElementsAre("a=1", "a=2"));
}

TEST(YamlDocument, MergesWithWhatTheMapSaysFirst) {
  const YamlDocument document = Parsed(
      "base: &base {a: 1, b: 2}\n"
      "more: &more {b: 3, c: 4}\n"
      "one: {<<: *base, b: 5}\n"
      "two: {b: 5, <<: [*base, *more]}\n"
      "inline: {<<: {a: 6}}\n"
      "text: {\"<<\": 7}\n");
  const std::vector<YamlNode::Entry>& entries = document.root().entries;
  EXPECT_THAT(Keys(*entries[2].value), testing::ElementsAre("b=5", "a=1"));
  EXPECT_THAT(Keys(*entries[3].value), testing::ElementsAre("b=5", "a=1", "c=4"));
  EXPECT_THAT(Keys(*entries[4].value), testing::ElementsAre("a=6"));
  EXPECT_THAT(Keys(*entries[5].value), testing::ElementsAre("<<=7"));
  const Path root, one = root.Field("one");
  EXPECT_EQ(document.LineOf(one.Field("a")), 1);  // where it is written
}

TEST(YamlDocument, RefusesWhatIsNoConfiguration) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "the file is empty, write {} for a configuration that says nothing"},
      {"# nothing\n", "the file is empty, write {} for a configuration that says nothing"},
      {"---\n", "the file is empty, write {} for a configuration that says nothing"},
      {"a: 1\nb: [\n",
       "the file is no YAML: end of sequence flow not found, mend it there or shortly before; inside {} and "
       "[] put "
       "texts in quotes (line 3)"},
      {"a: *b\n",
       "the file is no YAML: the referenced anchor is not defined, mend it there or shortly before; inside "
       "{} and [] "
       "put texts in quotes (line 1)"},
      {"a: 1\n---\nb: 1\n", "a second document begins, a configuration is one document (line 2)"},
      {"a: 1\nb: !!binary aGk=\n",
       "the tag \"tag:yaml.org,2002:binary\" means nothing here, leave it out (line 2)"},
      {"{a: 1}\n,b\n", "a second document begins, a configuration is one document (line 2)"},
      {"a: 1\n[b]: 2\n", "a key is not plain text, write key: value (line 2)"},
      {"a: &a\n- *a\n", "an alias stands inside what it stands for, write it out (line 2)"},
      {"a: &a {<<: *a}\n", "an alias stands inside what it stands for, write it out (line 1)"},
      {"a: {<<: 1}\n",
       "a merge key (<<) has no map to merge, give it an alias of a map, or a list of those (line 1)"},
      {"a: {<<: [1]}\n",
       "a merge key (<<) has no map to merge, give it an alias of a map, or a list of those (line 1)"},
  };
  for (const auto& [text, refusal] : cases) EXPECT_EQ(Refusal(text), refusal) << text;
}

TEST(YamlDocument, RefusesBytesThatAreNoText) {
  const std::string control =
      "the file has a control character, write it as an escape in double quotes, if it is meant (line 2)";
  EXPECT_EQ(Refusal("a: 1\n\x04\nb: 2\n"), control);  // the end of the file, if yaml-cpp were asked
  EXPECT_EQ(Refusal(std::string("a: 1\n\0b", 7)), control);
  EXPECT_EQ(Refusal("a: 1\nb: \x1b[31m"), control);
  const std::vector<std::string> broken = {
      "\x80", "\xc0\xaf", "\xc3", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x80\x80\xaf",
      "\xff"};
  for (const std::string& bytes : broken) {
    EXPECT_EQ(Refusal(std::string("a: 1\nb: ").append(bytes)),
              "the file is not UTF-8, save it as UTF-8 (line 2)");
  }
  EXPECT_EQ(Refusal("a: \u00fc\u20ac\U0001f600\n"), "");
}

TEST(YamlDocument, IsBoundedInSizeAndDepth) {
  EXPECT_EQ(Refusal(std::string(kMaxFileBytes + 1, '#')), "the file is too large, 4 MiB are the limit");
  EXPECT_EQ(Refusal(Nested(kMaxYamlDepth)), "");
  const std::string deep =
      "the file is nested too deeply, nothing in a configuration lies that deep (line 1)";
  EXPECT_EQ(Refusal(Nested(kMaxYamlDepth + 1)), deep);
  EXPECT_EQ(Refusal(std::string(1 << 20, '[')), deep);
  std::string many = "[";
  for (size_t i = 0; i < kMaxYamlNodes; ++i) many += "1,";
  EXPECT_EQ(Refusal(many.append("]")),
            "the file has too many entries, 524288 values and keys are the limit (line 1)");
}

TEST(YamlDocument, BoundsWhatMergesCopy) {
  std::string text("a: &a {");
  for (int i = 0; i < 1000; ++i) text += fmt::format("k{}: 1, ", i);
  text += "}\nb:\n";
  for (int i = 0; i < 1000; ++i) text += "- {<<: *a}\n";
  EXPECT_THAT(Refusal(text), testing::StartsWith("the file has too many entries"));
}

}  // namespace
}  // namespace fairlead::config
