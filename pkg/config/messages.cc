#include "pkg/config/messages.h"

#include <fmt/format.h>
#include <google/protobuf/util/field_mask_util.h>

#include <utility>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/quote.h"
#include "pkg/config/read_cluster.h"
#include "pkg/config/read_config.h"
#include "pkg/config/report.h"
#include "pkg/config/write_cluster_message.h"

namespace fairlead::config {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;

std::string Joined(std::string_view at, const std::string& path) {
  if (at.empty() || path.empty()) return std::string(at) + path;
  return fmt::format("{}{}{}", at, path.front() == '[' ? "" : ".", path);
}

void PutBehind(std::string_view at, std::vector<Violation>* violations) {
  for (Violation& violation : *violations) violation.path = Joined(at, violation.path);
}

template <typename T>
Checked<T> Result(T value, std::vector<Violation> violations, std::string_view at) {
  PutBehind(at, &violations);
  if (!violations.empty()) return {.value = std::nullopt, .violations = std::move(violations)};
  return {.value = std::move(value), .violations = {}};
}

// Where the process itself listens.
Unique TakenBy(const Bootstrap& bootstrap) {
  Unique addresses("address");
  Report ignored(nullptr);
  const Path root, telemetry = root.Field("telemetry"), admin = root.Field("admin"),
                   control = root.Field("control");
  const auto take = [&](const std::optional<base::SocketAddress>& address, const Path& path) {
    if (!address || (!address->is_unix() && address->ip_port()->port == 0)) return;
    addresses.Add(address->ToString(), path.Field("address"), ignored);
  };
  take(bootstrap.telemetry, telemetry);
  take(bootstrap.admin, admin);
  take(bootstrap.control.address, control);
  return addresses;
}

// FieldMaskUtil skips empty names, and would find a path of nothing else valid.
bool HasEmptyName(std::string_view path) {
  return path.empty() || path.front() == '.' || path.back() == '.' ||
         path.find("..") != std::string_view::npos;
}

std::vector<Violation> CheckMask(absl::Span<const std::string> mask) {
  std::vector<Violation> violations;
  if (mask.empty()) violations.push_back({"update_mask", 0, "is missing", "name the fields to change"});
  for (size_t i = 0; i < mask.size(); ++i) {
    const std::string path = fmt::format("update_mask.paths[{}]", i);
    if (HasEmptyName(mask[i]) || !FieldMaskUtil::IsValidPath<v1::Cluster>(mask[i])) {
      violations.push_back({path, 0, Quote(mask[i]) + " is no field of a cluster", "name one of its fields"});
    } else if (mask[i] == "name") {
      violations.push_back({path, 0, "the name of a cluster stays", "make a new cluster instead"});
    }
  }
  return violations;
}

}  // namespace

Checked<Config> ConfigFromMessage(const v1::Config& message, const Bootstrap& bootstrap,
                                  std::string_view at) {
  std::vector<Violation> violations = UnknownFields(message);
  Unique addresses = TakenBy(bootstrap);
  Report report(nullptr);
  Config config = ReadConfig(message, addresses, report);
  for (Violation& violation : std::move(report).Take()) violations.push_back(std::move(violation));
  return Result(std::move(config), std::move(violations), at);
}

Checked<std::vector<Endpoint>> EndpointsFromMessages(absl::Span<const v1::Endpoint* const> messages,
                                                     std::string_view at) {
  std::vector<Violation> violations;
  std::vector<Endpoint> endpoints;
  endpoints.reserve(messages.size());
  const Path root;
  for (size_t i = 0; i < messages.size(); ++i) {
    const Path path = root.Index(i);
    Report report(nullptr);
    endpoints.push_back(ReadEndpoint(*messages[i], path, report));
    for (Violation& violation : std::move(report).Take()) violations.push_back(std::move(violation));
    std::vector<Violation> unknown = UnknownFields(*messages[i]);
    PutBehind(path.ToString(), &unknown);
    for (Violation& violation : unknown) violations.push_back(std::move(violation));
  }
  return Result(std::move(endpoints), std::move(violations), at);
}

Checked<Cluster> UpdateCluster(const Cluster& cluster, const v1::Cluster& message,
                               absl::Span<const std::string> mask, std::string_view at) {
  if (std::vector<Violation> violations = CheckMask(mask); !violations.empty()) {
    return {.value = std::nullopt, .violations = std::move(violations)};
  }
  std::vector<Violation> violations = UnknownFields(message);
  v1::Cluster updated;
  WriteClusterMessage(cluster, &updated);
  FieldMask fields;
  for (const std::string& path : mask) fields.add_paths(path);
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(message, fields, options, &updated);
  Report report(nullptr);
  Cluster result = ReadCluster(updated, Path(), report);
  for (Violation& violation : std::move(report).Take()) violations.push_back(std::move(violation));
  return Result(std::move(result), std::move(violations), at);
}

Checked<Config> Parse(std::string_view bytes, const Bootstrap& bootstrap) {
  v1::Config message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return {.value = std::nullopt, .violations = {{"", 0, "is no configuration", "write it again"}}};
  }
  return ConfigFromMessage(message, bootstrap);
}

std::vector<Violation> CheckMembership(const Cluster& cluster) {
  Report report(nullptr);
  CheckDistinct(cluster, Path(), report);
  return std::move(report).Take();
}

}  // namespace fairlead::config
