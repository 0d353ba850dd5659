#include "pkg/config/yaml_document.h"

#include <istream>
#include <streambuf>
#include <utility>

#include "pkg/config/yaml_builder.h"
#include "pkg/config/yaml_text.h"
#include "yaml-cpp/depthguard.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"

namespace fairlead::config {
namespace {

// The library reads streams; this one reads what is there without copying it.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only ever read
    setg(begin, begin, begin + text.size());
  }
};

// Returns false when the text is no YAML.
bool Feed(std::string_view text, YamlBuilder* builder, Violation* violation) {
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    // It can see documents without end in what is no YAML; a second one is a violation already.
    while (!builder->violation() && parser.HandleNextDocument(*builder)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    violation->line = error.mark.line + 1;
    violation->problem = "the file is nested too deeply";
    violation->remedy = "nothing in a configuration lies that deep";
    return false;
  } catch (const YAML::Exception& error) {
    violation->line = error.mark.line + 1;
    violation->problem = "the file is no YAML: " + error.msg;
    violation->remedy = "mend it there or shortly before; inside {} and [] put texts in quotes";
    return false;
  } catch (const std::exception& error) {
    violation->problem = std::string("the file cannot be read as YAML: ") + error.what();
    violation->remedy = "simplify it";
    return false;
  }
  return true;
}

}  // namespace

std::optional<YamlDocument> YamlDocument::Parse(std::string_view text, Violation* violation) {
  if (text.size() > kMaxFileBytes) {
    violation->problem = "the file is too large";
    violation->remedy = "4 MiB are the limit";
    return std::nullopt;
  }
  if (!IsYamlText(text, violation)) return std::nullopt;
  YamlBuilder builder;
  *violation = Violation();
  if (!Feed(text, &builder, violation)) return std::nullopt;
  if (builder.violation()) {
    *violation = *builder.violation();
    return std::nullopt;
  }
  if (builder.root() == nullptr || builder.root()->kind == YamlNode::Kind::kNull) {
    violation->problem = "the file is empty";
    violation->remedy = "write {} for a configuration that says nothing";
    return std::nullopt;
  }
  return YamlDocument(builder.TakeNodes(), builder.root());
}

YamlDocument::Place YamlDocument::Find(const Path& path) const {
  if (path.parent() == nullptr) return {true, root_->line, root_};
  Place place = Find(*path.parent());
  const YamlNode* around = std::exchange(place.node, nullptr);
  place.found = false;
  if (around == nullptr) return place;
  if (path.index() != Path::kNoIndex) {
    if (path.index() >= around->items.size()) return place;
    const YamlNode* item = around->items[path.index()];
    return {true, item->line, item};
  }
  for (const YamlNode::Entry& entry : around->entries) {
    if (entry.key == path.name()) return {true, entry.line, entry.value};
  }
  return place;
}

}  // namespace fairlead::config
