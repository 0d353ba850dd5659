#pragma once

#include <cstddef>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::http1 {

// One field line. Nothing is owned.
struct Field {
  std::string_view name;
  std::string_view value;  // without the whitespace around it
};

// The field lines of a head or trailer section, in order. Names are compared without regard to case and keep
// the case they came in.
//
// Names and values are views: what a reader parsed lives in the reader, literals live for ever, and a string
// that was made for the list is handed to Keep. The list moves (views into kept strings stay valid) but does
// not copy.
class Fields {
 public:
  using const_iterator = std::vector<Field>::const_iterator;

  Fields() = default;
  Fields(Fields&&) = default;
  Fields& operator=(Fields&&) = default;

  void Add(std::string_view name, std::string_view value) { lines_.push_back({name, value}); }
  // Leaves one line of that name, where the first stood, or at the end when there was none.
  void Set(std::string_view name, std::string_view value);
  // Returns how many lines went.
  size_t Remove(std::string_view name);

  // The value of the first line of that name.
  std::optional<std::string_view> Get(std::string_view name) const;
  // How many lines have that name.
  size_t Count(std::string_view name) const;
  bool Has(std::string_view name) const { return Get(name).has_value(); }
  // Whether a line of that name lists the token (RFC 9110 §5.6.1), without regard to case.
  bool HasToken(std::string_view name, std::string_view token) const;

  // Stores a string for as long as the list lives or until Clear, and returns the view to add.
  std::string_view Keep(std::string text);

  void Reserve(size_t lines) { lines_.reserve(lines); }
  void Clear();
  size_t size() const { return lines_.size(); }
  bool empty() const { return lines_.empty(); }
  const_iterator begin() const { return lines_.begin(); }
  const_iterator end() const { return lines_.end(); }

 private:
  std::vector<Field> lines_;
  std::forward_list<std::string> kept_;
};

}  // namespace fairlead::http1
