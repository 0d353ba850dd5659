#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/config/violation.h"
#include "pkg/config/yaml_document.h"
#include "yaml-cpp/eventhandler.h"

namespace fairlead::config {

// Builds the tree from the parser's events, within the limits. (The library's own tree has no limits and
// loses lines.) After the first thing that is wrong it ignores the rest.
class YamlBuilder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

  const std::optional<Violation>& violation() const { return violation_; }
  const YamlNode* root() const { return root_; }  // nullptr for an empty file
  std::deque<YamlNode> TakeNodes() { return std::move(nodes_); }

 private:
  // A list or map whose end has not come yet.
  struct Open {
    YamlNode* node;
    const YamlNode* key = nullptr;             // of a map, while its value has not come
    std::vector<YamlNode::Entry> merges = {};  // its merge keys
  };

  void Fail(int line, std::string problem, std::string remedy);
  YamlNode* Add(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void Attach(const YamlNode* node, int line);
  void Close();
  void Merge(const Open& map);
  bool MergeFrom(const YamlNode& source, int line, std::vector<YamlNode::Entry>* merged);

  std::deque<YamlNode> nodes_;
  size_t size_ = 0;                       // nodes, and entries that merges have copied
  std::vector<const YamlNode*> anchors_;  // from 1, as the parser counts them
  std::vector<Open> open_;
  const YamlNode* root_ = nullptr;
  bool started_ = false;
  std::optional<Violation> violation_;
};

}  // namespace fairlead::config
