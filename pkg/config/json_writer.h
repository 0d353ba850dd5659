#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::config {

// Writes indented JSON, in the order of the calls. Calls with a name are for members of an object, those
// without for elements of a list and for the whole.
class JsonWriter {
 public:
  void BeginObject() { Begin('{'); }
  void BeginObject(std::string_view name);
  void EndObject() { End('}'); }
  void BeginList(std::string_view name);
  void EndList() { End(']'); }

  // Texts are UTF-8.
  void Text(std::string_view text);
  void Text(std::string_view name, std::string_view text);
  void Texts(std::string_view name, const std::vector<std::string>& texts);
  void Number(uint64_t number);
  void Number(std::string_view name, uint64_t number);
  // 1250 as 1.25.
  void Thousandths(std::string_view name, uint64_t number);
  void Flag(std::string_view name, bool value);

  std::string Take() && { return std::move(text_); }

 private:
  void Begin(char bracket);
  void End(char bracket);
  void Name(std::string_view name);
  // Comma and indentation in front of a member or an element.
  void Separate();
  void Quoted(std::string_view text);

  std::string text_;
  size_t depth_ = 0;
  bool empty_ = true;        // nothing since the last bracket was opened
  bool after_name_ = false;  // what comes stands behind its name
};

}  // namespace fairlead::config
