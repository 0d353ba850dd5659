#pragma once

#include <string>

#include "pkg/config/yaml_document.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace fairlead::config {

struct ScalarError {
  std::string problem;  // empty = none
  std::string remedy;
};

// What a field that holds a single value takes, as a remedy.
std::string ExpectedScalar(const google::protobuf::FieldDescriptor& field);

// Keeps the place of an element that is no value. Does nothing to a field that is not repeated.
void AddEmpty(google::protobuf::Message* message, const google::protobuf::FieldDescriptor& field);

// Reads a text node into a field that holds a single value: a string, a number, a bool, an enum or a
// Duration; of a repeated field (strings or enums) it adds an element, an empty one in case of an error.
ScalarError ReadScalar(const YamlNode& node, google::protobuf::Message* message,
                       const google::protobuf::FieldDescriptor& field);

}  // namespace fairlead::config
