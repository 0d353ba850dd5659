#include "pkg/config/json_writer.h"

#include "gmock/gmock.h"

namespace fairlead::config {
namespace {

TEST(JsonWriter, IndentsAndSeparates) {
  JsonWriter json;
  json.BeginObject();
  json.Text("name", "a");
  json.Number("weight", 7);
  json.Flag("on", true);
  json.Texts("none", {});
  json.Texts("two", {"x", "y"});
  json.BeginList("objects");
  json.BeginObject();
  json.EndObject();
  json.BeginObject();
  json.Flag("off", false);
  json.EndObject();
  json.EndList();
  json.EndObject();
  EXPECT_EQ(std::move(json).Take(), R"({
  "name": "a",
  "weight": 7,
  "on": true,
  "none": [],
  "two": [
    "x",
    "y"
  ],
  "objects": [
    {},
    {
      "off": false
    }
  ]
}
)");
}

TEST(JsonWriter, EscapesWhatJsonWants) {
  JsonWriter json;
  json.BeginObject();
  json.Text("k\"", "quote \" backslash \\ tab \t zero " + std::string(1, '\0') + " delete \x7f ü");
  json.EndObject();
  EXPECT_EQ(std::move(json).Take(),
            "{\n  \"k\\\"\": \"quote \\\" backslash \\\\ tab \\u0009 zero \\u0000 delete \\u007f ü\"\n}\n");
}

}  // namespace
}  // namespace fairlead::config
