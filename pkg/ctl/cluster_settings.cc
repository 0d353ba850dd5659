#include "pkg/ctl/cluster_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/report.h"
#include "pkg/config/yaml_document.h"
#include "pkg/config/yaml_to_proto.h"

namespace fairlead::ctl {
namespace {

// "a.b" and "1" as the file would have it: a, and below it b: 1.
std::string ToYaml(std::string_view path, std::string_view value) {
  std::string yaml;
  size_t depth = 0;
  for (size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1, ++depth) {
    end = path.find('.', begin);
    yaml += fmt::format("{}{}{}:", depth == 0 ? "" : "\n", std::string(2 * depth, ' '),
                        path.substr(begin, end - begin));
  }
  return fmt::format("{} {}\n", yaml, value);
}

std::vector<config::Violation> TakeSetting(const std::string& setting, config::v1::Cluster* cluster,
                                           std::vector<std::string>* mask) {
  const size_t mark = setting.find('=');
  if (mark == std::string::npos || mark == 0) {
    return {{setting, 0, "is no setting", "write FIELD=VALUE, such as load_balancing.policy=MAGLEV"}};
  }
  const std::string path = setting.substr(0, mark);
  if (std::find(mask->begin(), mask->end(), path) != mask->end()) {
    return {{path, 0, "is there twice", "give each field once"}};
  }
  mask->push_back(path);
  if (mark + 1 == setting.size()) return {};  // the mask alone: back to the default
  config::Violation unreadable;
  const auto document = config::YamlDocument::Parse(ToYaml(path, setting.substr(mark + 1)), &unreadable);
  if (!document) return {{path, 0, unreadable.problem, unreadable.remedy}};
  config::Report report(&*document);
  config::v1::Cluster part;
  config::YamlToProto(*document, {&part}, report);
  std::vector<config::Violation> violations = std::move(report).Take();
  for (config::Violation& violation : violations) violation.line = 0;  // of a text that nobody wrote
  if (violations.empty()) cluster->MergeFrom(part);
  return violations;
}

}  // namespace

std::vector<config::Violation> TakeSettings(const std::vector<std::string>& settings,
                                            config::v1::Cluster* cluster, std::vector<std::string>* mask) {
  std::vector<config::Violation> violations;
  for (const std::string& setting : settings) {
    for (config::Violation& violation : TakeSetting(setting, cluster, mask)) {
      violations.push_back(std::move(violation));
    }
  }
  return violations;
}

}  // namespace fairlead::ctl
