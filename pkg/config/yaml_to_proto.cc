#include "pkg/config/yaml_to_proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/functional/function_ref.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "pkg/config/nearest.h"
#include "pkg/config/yaml_scalar.h"

namespace fairlead::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Messages = absl::Span<Message* const>;
using EntryVisitor = absl::FunctionRef<void(const YamlNode::Entry& entry, const Path& path)>;

std::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "has no value";
    case YamlNode::Kind::kText:
      return "is a single value";
    case YamlNode::Kind::kList:
      return "is a list";
    case YamlNode::Kind::kMap:
      return "is a map";
  }
  return "";
}

// The list of a message that is nothing but a list, and is written as one.
const FieldDescriptor* OnlyList(const FieldDescriptor& field) {
  const Descriptor* type = field.message_type();
  if (type == nullptr || field.is_repeated() || type->field_count() != 1) return nullptr;
  return type->field(0)->is_repeated() ? type->field(0) : nullptr;
}

// How often it is worth guessing what was meant: a file may have half a million keys.
constexpr int kMaxGuesses = 100;

bool IsDuration(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Duration::descriptor();
}

class Walker {
 public:
  explicit Walker(Report& report) : report_(report) {}

  void ReadMap(const YamlNode& node, int line, Messages messages, const Path& path);
  bool exhausted() const { return exhausted_; }

 private:
  // One more node is looked at. Aliases make a small file large: nothing may grow with what they stand for.
  bool Spend();

  void ReadField(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                 const Path& path);
  void ReadList(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                const Path& path);
  void ReadStrings(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                   const Path& path);
  // A single value, or an element of a list.
  void ReadValue(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                 const Path& path);

  // Calls for each key once.
  void ForEachEntry(const YamlNode& map, const Path& path, EntryVisitor visit);
  void UnknownKey(const YamlNode::Entry& entry, Messages messages, const Path& around);
  bool BreaksOneof(int line, const Message& message, const FieldDescriptor& field, const Path& path);

  Report& report_;
  size_t visited_ = 0;
  int guesses_ = 0;  // at what unknown keys mean
  bool exhausted_ = false;
};

bool Walker::Spend() {
  if (++visited_ > kMaxYamlNodes && !exhausted_) {
    exhausted_ = true;
    report_.Add(Path(), "the file grows too large through its aliases", "write less, or more of it out");
  }
  return !exhausted_;
}

void Walker::ForEachEntry(const YamlNode& map, const Path& path, EntryVisitor visit) {
  std::unordered_map<std::string_view, int> seen;
  for (const YamlNode::Entry& entry : map.entries) {
    if (!Spend()) return;
    const Path child = path.Field(entry.key);
    const auto [first, fresh] = seen.emplace(entry.key, entry.line);
    if (fresh) {
      visit(entry, child);
    } else {
      report_.AddAt(entry.line, child, fmt::format("is given twice, first in line {}", first->second),
                    "leave one");
    }
  }
}

void Walker::ReadMap(const YamlNode& node, int line, Messages messages, const Path& path) {
  if (node.kind != YamlNode::Kind::kMap) {
    report_.AddAt(line, path, std::string(KindName(node)), "write a map of fields");
    return;
  }
  ForEachEntry(node, path, [&](const YamlNode::Entry& entry, const Path& child) {
    for (Message* message : messages) {
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(entry.key);
      if (field != nullptr) return ReadField(*entry.value, entry.line, message, *field, child);
    }
    UnknownKey(entry, messages, path);
  });
}

void Walker::ReadField(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                       const Path& path) {
  if (BreaksOneof(line, *message, field, path)) return;
  if (field.is_map()) {
    ReadStrings(node, line, message, field, path);
  } else if (field.is_repeated()) {
    ReadList(node, line, message, field, path);
  } else if (const FieldDescriptor* list = OnlyList(field)) {
    ReadList(node, line, message->GetReflection()->MutableMessage(message, &field), *list, path);
  } else {
    ReadValue(node, line, message, field, path);
  }
}

void Walker::ReadList(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                      const Path& path) {
  if (node.kind != YamlNode::Kind::kList) {
    report_.AddAt(line, path, std::string(KindName(node)), "write a list");
    return;
  }
  for (size_t i = 0; i < node.items.size(); ++i) {
    if (!Spend()) return;
    ReadValue(*node.items[i], node.items[i]->line, message, field, path.Index(i));
  }
}

void Walker::ReadStrings(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                         const Path& path) {
  if (node.kind != YamlNode::Kind::kMap) {
    report_.AddAt(line, path, std::string(KindName(node)), "write a map of names and values");
    return;
  }
  const FieldDescriptor& value = *field.message_type()->map_value();
  ForEachEntry(node, path, [&](const YamlNode::Entry& entry, const Path& child) {
    Message* pair = message->GetReflection()->AddMessage(message, &field);
    pair->GetReflection()->SetString(pair, field.message_type()->map_key(), entry.key);
    ReadValue(*entry.value, entry.line, pair, value, child);
  });
}

void Walker::ReadValue(const YamlNode& node, int line, Message* message, const FieldDescriptor& field,
                       const Path& path) {
  if (field.message_type() != nullptr && !IsDuration(field)) {
    const auto* reflection = message->GetReflection();
    Message* child = field.is_repeated() ? reflection->AddMessage(message, &field)
                                         : reflection->MutableMessage(message, &field);
    ReadMap(node, line, {&child, 1}, path);
    return;
  }
  ScalarError error;
  if (node.kind != YamlNode::Kind::kText) {
    error = {std::string(KindName(node)), ExpectedScalar(field)};
    AddEmpty(message, field);
  } else {
    error = ReadScalar(node, message, field);
  }
  if (!error.problem.empty()) report_.AddAt(line, path, std::move(error.problem), std::move(error.remedy));
}

void Walker::UnknownKey(const YamlNode::Entry& entry, Messages messages, const Path& around) {
  if (++guesses_ > kMaxGuesses) {
    report_.AddAt(entry.line, around.Field(entry.key), "is no field here", "leave it out");
    return;
  }
  std::vector<const FieldDescriptor*> fields;
  std::vector<std::string_view> names;
  for (const Message* message : messages) {
    const Descriptor& type = *message->GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      fields.push_back(type.field(i));
      names.push_back(type.field(i)->name());
    }
  }
  const Path path = around.Field(entry.key);
  const std::string_view nearest = Nearest(entry.key, names);
  if (nearest.empty()) {
    std::string remedy =
        names.empty() ? "it has none: write {}" : fmt::format("there are {}", fmt::join(names, ", "));
    report_.AddAt(entry.line, path, "is no field here", std::move(remedy));
    return;
  }
  report_.AddAt(entry.line, path, "is no field here", fmt::format("write {} if that is meant", nearest));
  // That the field which was meant is missing need not be said again.
  report_.Silence(around.Field(nearest));
  const FieldDescriptor* meant = fields[std::find(names.begin(), names.end(), nearest) - names.begin()];
  if (meant->real_containing_oneof() != nullptr) report_.Silence(around);
}

bool Walker::BreaksOneof(int line, const Message& message, const FieldDescriptor& field, const Path& path) {
  const auto* oneof = field.real_containing_oneof();
  if (oneof == nullptr || !message.GetReflection()->HasOneof(message, oneof)) return false;
  const FieldDescriptor* other = message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  report_.AddAt(line, path, fmt::format("stands beside {}", other->name()), "one of them may be given");
  return true;
}

}  // namespace

bool YamlToProto(const YamlDocument& document, Messages messages, Report& report) {
  Walker walker(report);
  walker.ReadMap(document.root(), document.root().line, messages, Path());
  return !walker.exhausted();
}

}  // namespace fairlead::config
