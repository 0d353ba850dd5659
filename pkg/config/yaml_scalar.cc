#include "pkg/config/yaml_scalar.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "pkg/config/duration_text.h"
#include "pkg/config/nearest.h"
#include "pkg/config/quote.h"

namespace fairlead::config {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The value's name without the prefix that all names of the enum have.
std::string_view ShortName(const EnumDescriptor& type, int index) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  std::string_view name = type.value(index)->name();
  name.remove_prefix(type.value(0)->name().size() - kZero.size());
  return name;
}

// Of all values but the zero, which says that nothing was said.
std::vector<std::string_view> ShortNames(const EnumDescriptor& type) {
  std::vector<std::string_view> names;
  for (int i = 1; i < type.value_count(); ++i) names.push_back(ShortName(type, i));
  return names;
}

ScalarError ReadEnum(const YamlNode& node, Message* message, const FieldDescriptor& field) {
  const EnumDescriptor& type = *field.enum_type();
  for (int i = 1; i < type.value_count(); ++i) {
    if (node.text != ShortName(type, i) && node.text != type.value(i)->name()) continue;
    if (field.is_repeated()) {
      message->GetReflection()->AddEnum(message, &field, type.value(i));
    } else {
      message->GetReflection()->SetEnum(message, &field, type.value(i));
    }
    return {};
  }
  AddEmpty(message, field);
  const std::string_view nearest = Nearest(node.text, ShortNames(type));
  return {fmt::format("{} is not known", Quote(node.text)),
          nearest.empty() ? ExpectedScalar(field) : fmt::format("write {} if that is meant", nearest)};
}

ScalarError ReadNumber(const YamlNode& node, Message* message, const FieldDescriptor& field) {
  uint32_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [rest, error] = std::from_chars(node.text.data(), end, value);
  const bool ambiguous = node.text.size() > 1 && node.text[0] == '0';  // octal to some readers
  if (error == std::errc::result_out_of_range) {
    return {fmt::format("{} is too large", Quote(node.text)), "write a smaller number"};
  }
  if (error != std::errc() || rest != end || ambiguous) {
    return {fmt::format("{} is not a whole number", Quote(node.text)), ExpectedScalar(field)};
  }
  if (field.is_repeated()) {
    message->GetReflection()->AddUInt32(message, &field, value);
  } else {
    message->GetReflection()->SetUInt32(message, &field, value);
  }
  return {};
}

// Digits with at most one point between them: what every reader of YAML takes for the same number.
ScalarError ReadDecimal(const YamlNode& node, Message* message, const FieldDescriptor& field) {
  double value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [rest, error] = std::from_chars(node.text.data(), end, value, std::chars_format::fixed);
  const bool plain = !node.text.empty() && node.text.find_first_not_of("0123456789.") == std::string::npos &&
                     node.text.front() != '.' && node.text.back() != '.';
  if (!plain || error != std::errc() || rest != end) {
    return {fmt::format("{} is no decimal number", Quote(node.text)), ExpectedScalar(field)};
  }
  message->GetReflection()->SetDouble(message, &field, value);
  return {};
}

ScalarError ReadBool(const YamlNode& node, Message* message, const FieldDescriptor& field) {
  if (node.quoted || (node.text != "true" && node.text != "false")) {
    return {fmt::format("{}{}", Quote(node.text), node.quoted ? " is text" : " is neither true nor false"),
            ExpectedScalar(field)};
  }
  message->GetReflection()->SetBool(message, &field, node.text == "true");
  return {};
}

std::string_view Explain(DurationError error) {
  switch (error) {
    case DurationError::kNegative:
      return " is negative";
    case DurationError::kTooFine:
      return " is finer than a millisecond";
    case DurationError::kTooLong:
      return " is too long";
    case DurationError::kNone:
    case DurationError::kSyntax:
      break;
  }
  return " is not a duration";
}

ScalarError ReadDuration(const YamlNode& node, Message* message, const FieldDescriptor& field) {
  const DurationResult result = ParseDuration(node.text);
  if (result.error != DurationError::kNone) {
    return {fmt::format("{}{}", Quote(node.text), Explain(result.error)), ExpectedScalar(field)};
  }
  google::protobuf::Duration duration;
  duration.set_seconds(result.value.count() / 1000);
  duration.set_nanos(static_cast<int32_t>(result.value.count() % 1000 * 1'000'000));
  message->GetReflection()->MutableMessage(message, &field)->CopyFrom(duration);
  return {};
}

ScalarError ReadString(const YamlNode& node, Message* message, const FieldDescriptor& field) {
  if (field.is_repeated()) {
    message->GetReflection()->AddString(message, &field, node.text);
  } else {
    message->GetReflection()->SetString(message, &field, node.text);
  }
  return {};
}

}  // namespace

void AddEmpty(Message* message, const FieldDescriptor& field) {
  if (!field.is_repeated()) return;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    message->GetReflection()->AddEnumValue(message, &field, 0);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    message->GetReflection()->AddUInt32(message, &field, 0);
  } else {
    message->GetReflection()->AddString(message, &field, "");
  }
}

std::string ExpectedScalar(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return "write a text";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "write true or false, without quotes";
    case FieldDescriptor::CPPTYPE_ENUM:
      return fmt::format("write one of {}", fmt::join(ShortNames(*field.enum_type()), ", "));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "write a number such as 1.25";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "write a duration such as 5m, 1h30m or 250ms";
    default:
      return "write a whole number in plain digits";  // each field's range is checked where it is read
  }
}

ScalarError ReadScalar(const YamlNode& node, Message* message, const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return ReadString(node, message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return ReadBool(node, message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadEnum(node, message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadDuration(node, message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return ReadNumber(node, message, field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ReadDecimal(node, message, field);
    default:
      return {"has a type that no file can give", "leave it out"};
  }
}

}  // namespace fairlead::config
