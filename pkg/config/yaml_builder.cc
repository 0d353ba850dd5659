#include "pkg/config/yaml_builder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/config/quote.h"
#include "yaml-cpp/mark.h"

namespace fairlead::config {
namespace {

int Line(const YAML::Mark& mark) {
  return mark.line + 1;
}

}  // namespace

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (started_) Fail(Line(mark), "a second document begins", "a configuration is one document");
  started_ = true;
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  Add(YamlNode::Kind::kNull, mark, "", anchor);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (violation_) return;
  const YamlNode* node = anchors_[anchor - 1];
  if (std::any_of(open_.begin(), open_.end(), [node](const Open& open) { return open.node == node; })) {
    Fail(Line(mark), "an alias stands inside what it stands for", "write it out");
    return;
  }
  Attach(node, Line(mark));
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  YamlNode* node = Add(YamlNode::Kind::kText, mark, tag, anchor);
  if (node == nullptr) return;
  // It is attached already; a key is not looked at before its value comes.
  node->text = value;
  node->quoted = tag == "!";
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value /*style*/) {
  YamlNode* node = Add(YamlNode::Kind::kList, mark, tag, anchor);
  if (node != nullptr) open_.push_back({node});
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value /*style*/) {
  YamlNode* node = Add(YamlNode::Kind::kMap, mark, tag, anchor);
  if (node != nullptr) open_.push_back({node});
}

void YamlBuilder::OnMapEnd() {
  if (violation_) return;
  const Open closed = std::move(open_.back());
  Close();
  Merge(closed);
}

void YamlBuilder::Fail(int line, std::string problem, std::string remedy) {
  if (!violation_) violation_ = Violation{"", line, std::move(problem), std::move(remedy)};
}

YamlNode* YamlBuilder::Add(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                           YAML::anchor_t anchor) {
  if (violation_) return nullptr;
  // "?" and "!" are what the parser calls plain and quoted things without a tag.
  if (!tag.empty() && tag != "?" && tag != "!") {
    Fail(Line(mark), "the tag " + Quote(tag) + " means nothing here", "leave it out");
    return nullptr;
  }
  if (open_.size() >= kMaxYamlDepth) {
    Fail(Line(mark), "the file is nested too deeply", "nothing in a configuration lies that deep");
    return nullptr;
  }
  if (++size_ > kMaxYamlNodes) {
    Fail(Line(mark), "the file has too many entries", "524288 values and keys are the limit");
    return nullptr;
  }
  YamlNode& node = nodes_.emplace_back();
  node.kind = kind;
  node.line = Line(mark);
  if (anchor != 0) anchors_.push_back(&node);
  Attach(&node, node.line);
  return &node;
}

void YamlBuilder::Attach(const YamlNode* node, int line) {
  if (open_.empty()) {
    root_ = node;
    return;
  }
  Open& parent = open_.back();
  if (parent.node->kind == YamlNode::Kind::kList) {
    parent.node->items.push_back(node);
  } else if (parent.key == nullptr) {
    parent.key = node;
  } else if (parent.key->kind != YamlNode::Kind::kText) {
    Fail(line, "a key is not plain text", "write key: value");
  } else {
    const YamlNode& key = *std::exchange(parent.key, nullptr);
    const bool merge = !key.quoted && key.text == "<<";
    (merge ? parent.merges : parent.node->entries).push_back({key.text, key.line, node});
  }
}

void YamlBuilder::Close() {
  if (!violation_) open_.pop_back();
}

void YamlBuilder::Merge(const Open& map) {
  if (map.merges.empty()) return;
  std::vector<YamlNode::Entry> merged;
  for (const YamlNode::Entry& merge : map.merges) {
    if (merge.value->kind != YamlNode::Kind::kList) {
      if (!MergeFrom(*merge.value, merge.line, &merged)) return;
      continue;
    }
    for (const YamlNode* source : merge.value->items) {
      if (!MergeFrom(*source, merge.line, &merged)) return;
    }
  }
  // What the map says itself wins, then what was merged first.
  std::vector<YamlNode::Entry>& entries = map.node->entries;
  std::set<std::string> taken;
  for (const YamlNode::Entry& entry : entries) taken.insert(entry.key);
  for (YamlNode::Entry& entry : merged) {
    if (taken.insert(entry.key).second) entries.push_back(std::move(entry));
  }
}

bool YamlBuilder::MergeFrom(const YamlNode& source, int line, std::vector<YamlNode::Entry>* merged) {
  if (source.kind != YamlNode::Kind::kMap) {
    Fail(line, "a merge key (<<) has no map to merge", "give it an alias of a map, or a list of those");
    return false;
  }
  size_ += source.entries.size();
  if (size_ > kMaxYamlNodes) {
    Fail(line, "the file has too many entries", "524288 values and keys are the limit");
    return false;
  }
  merged->insert(merged->end(), source.entries.begin(), source.entries.end());
  return true;
}

}  // namespace fairlead::config
