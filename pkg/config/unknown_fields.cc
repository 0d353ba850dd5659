#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "pkg/config/messages.h"
#include "pkg/config/path.h"

namespace fairlead::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Visit(const Message& message, const Path& path, std::vector<Violation>* violations) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const google::protobuf::UnknownFieldSet& unknown = reflection.GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const std::string number = std::to_string(unknown.field(i).number());
    violations->push_back({path.Field(number).ToString(), 0, "is a field that this version does not know",
                           "leave it out, or run a version that does"});
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const Path place = path.Field(field->name());
    if (!field->is_repeated()) {
      Visit(reflection.GetMessage(message, field), place, violations);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Visit(reflection.GetRepeatedMessage(message, field, i), place.Index(static_cast<size_t>(i)),
            violations);
    }
  }
}

}  // namespace

std::vector<Violation> UnknownFields(const Message& message) {
  std::vector<Violation> violations;
  Visit(message, Path(), &violations);
  return violations;
}

}  // namespace fairlead::config
