#include "pkg/config/json_writer.h"

#include <fmt/format.h>

namespace fairlead::config {

void JsonWriter::BeginObject(std::string_view name) {
  Name(name);
  Begin('{');
}

void JsonWriter::BeginList(std::string_view name) {
  Name(name);
  Begin('[');
}

void JsonWriter::Text(std::string_view text) {
  Separate();
  Quoted(text);
}

void JsonWriter::Text(std::string_view name, std::string_view text) {
  Name(name);
  Text(text);
}

void JsonWriter::Texts(std::string_view name, const std::vector<std::string>& texts) {
  BeginList(name);
  for (const std::string& text : texts) Text(text);
  EndList();
}

void JsonWriter::Number(uint64_t number) {
  Separate();
  text_.append(std::to_string(number));
}

void JsonWriter::Number(std::string_view name, uint64_t number) {
  Name(name);
  Number(number);
}

void JsonWriter::Thousandths(std::string_view name, uint64_t number) {
  Name(name);
  Separate();
  std::string text = fmt::format("{}.{:03}", number / 1000, number % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  text_.append(text);
}

void JsonWriter::Flag(std::string_view name, bool value) {
  Name(name);
  Separate();
  text_.append(value ? "true" : "false");
}

void JsonWriter::Begin(char bracket) {
  Separate();
  text_.push_back(bracket);
  ++depth_;
  empty_ = true;
}

void JsonWriter::End(char bracket) {
  --depth_;
  if (!empty_) text_.append("\n").append(2 * depth_, ' ');
  text_.push_back(bracket);
  empty_ = false;
  if (depth_ == 0) text_.push_back('\n');
}

void JsonWriter::Name(std::string_view name) {
  Separate();
  Quoted(name);
  text_.append(": ");
  after_name_ = true;
}

void JsonWriter::Separate() {
  if (std::exchange(after_name_, false)) return;
  if (!empty_) text_.push_back(',');
  if (depth_ > 0) text_.append("\n").append(2 * depth_, ' ');
  empty_ = false;
}

void JsonWriter::Quoted(std::string_view text) {
  text_.push_back('"');
  for (char c : text) {
    if (c == '"' || c == '\\') {
      text_.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      text_.append(fmt::format("\\u{:04x}", static_cast<unsigned>(c)));
    } else {
      text_.push_back(c);
    }
  }
  text_.push_back('"');
}

}  // namespace fairlead::config
