#pragma once

#include "absl/types/span.h"
#include "pkg/config/report.h"
#include "pkg/config/yaml_document.h"

namespace google::protobuf {
class Message;
}

namespace fairlead::config {

// Fills in messages, which share the top level of the file, from its fields. The shape is that of the
// messages' JSON form with the spelling of the proto; besides, an enum value goes without its prefix
// (MAGLEV), a duration as people write it (1h30m), and a message that is nothing but a list as that list.
// Nothing is guessed: a key that is unknown or there twice, a field without a value, and two fields of a
// oneof are violations.
//
// A list keeps its length whatever is wrong inside, so that paths stay right. Returns false when the file is
// beyond kMaxYamlNodes through its aliases; the messages are not complete then.
bool YamlToProto(const YamlDocument& document, absl::Span<google::protobuf::Message* const> messages,
                 Report& report);

}  // namespace fairlead::config
