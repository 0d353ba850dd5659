#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/config/path.h"
#include "pkg/config/violation.h"

namespace fairlead::config {

inline constexpr size_t kMaxFileBytes = 4 << 20;
inline constexpr size_t kMaxYamlDepth = 64;
// Of the document, and again of what the configuration makes of it, where an alias counts each time.
inline constexpr size_t kMaxYamlNodes = 512 << 10;

struct YamlNode {
  enum class Kind { kNull, kText, kList, kMap };

  // Keys may be there twice: the reader says so. Merge keys (<<) are replaced by what they stand for.
  struct Entry {
    std::string key;
    int line = 0;
    const YamlNode* value = nullptr;
  };

  Kind kind = Kind::kNull;
  int line = 0;         // from 1
  bool quoted = false;  // text only: it was written in quotes or as a block
  std::string text;
  std::vector<const YamlNode*> items;
  std::vector<Entry> entries;
};

// A YAML file (one document, UTF-8) as a tree that knows its lines. An alias is the node it stands for, so a
// node may be found in several places, but never inside itself.
class YamlDocument {
 public:
  // Nothing when the text is no YAML or beyond a limit; *violation says why. An empty text is a violation.
  static std::optional<YamlDocument> Parse(std::string_view text, Violation* violation);

  const YamlNode& root() const { return *root_; }

  // Whether the file has the field.
  bool Has(const Path& path) const { return Find(path).found; }
  // The line of the field or, where it is not there, of the innermost thing around it that is.
  int LineOf(const Path& path) const { return Find(path).line; }

 private:
  struct Place {
    bool found = false;
    int line = 1;
    const YamlNode* node = nullptr;  // nullptr = not there
  };

  YamlDocument(std::deque<YamlNode> nodes, const YamlNode* root) : nodes_(std::move(nodes)), root_(root) {}

  Place Find(const Path& path) const;

  std::deque<YamlNode> nodes_;
  const YamlNode* root_;
};

}  // namespace fairlead::config
