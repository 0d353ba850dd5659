#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::config {

// The way to a field of the configuration. Each part lives on the stack of the code that looks at that part
// of the configuration and points at its parent's: nothing is spelled out while nothing is wrong. Hence no
// steps from a temporary.
class Path {
 public:
  static constexpr size_t kNoIndex = static_cast<size_t>(-1);

  // The configuration as a whole.
  Path() = default;

  // One step down, to a field of a message or a key of a map. `name` must outlive the result.
  Path Field(std::string_view name) const& { return Path(this, name, kNoIndex); }
  Path Field(std::string_view name) && = delete;
  // One step down, to an element of a list.
  Path Index(size_t index) const& { return Path(this, {}, index); }
  Path Index(size_t index) && = delete;

  const Path* parent() const { return parent_; }  // nullptr for the whole
  std::string_view name() const { return name_; }
  size_t index() const { return index_; }  // kNoIndex for a field

  // "clusters[2].endpoints[0].address"; empty for the whole.
  std::string ToString() const;

 private:
  Path(const Path* parent, std::string_view name, size_t index)
      : parent_(parent), name_(name), index_(index) {}

  const Path* parent_ = nullptr;
  std::string_view name_;
  size_t index_ = kNoIndex;
};

}  // namespace fairlead::config
