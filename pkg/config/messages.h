#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "pkg/config/checked.h"
#include "pkg/config/config.h"

namespace google::protobuf {
class Message;
}
namespace fairlead::config::v1 {
class Cluster;
class Config;
class Endpoint;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Between the messages of proto/fairlead/config/v1 and the values of config.h. Paths of violations begin
// behind `at`, the place of the message in the request ("config"); empty = the message is the whole. Fields
// that this program does not know are violations at any depth: what they mean must not be dropped in silence.
// None throws; any thread.

// Every field of the message, and of those inside it, that this program does not know.
std::vector<Violation> UnknownFields(const google::protobuf::Message& message);

// `bootstrap` says which addresses the process itself listens on.
Checked<Config> ConfigFromMessage(const v1::Config& message, const Bootstrap& bootstrap,
                                  std::string_view at = {});
// Each on its own; whether they go together with others is CheckMembership's. `at` names the list.
Checked<std::vector<Endpoint>> EndpointsFromMessages(absl::Span<const v1::Endpoint* const> messages,
                                                     std::string_view at);
// The cluster with the fields that `mask` names ("load_balancing.policy") taken from the message; what the
// message leaves out gets its default. The name stays.
Checked<Cluster> UpdateCluster(const Cluster& cluster, const v1::Cluster& message,
                               absl::Span<const std::string> mask, std::string_view at = {});

// Every default explicit. ConfigFromMessage makes the same values again.
v1::Config ToMessage(const Config& config);

// Equal messages have equal bytes within one version of this program, whatever the order in which the entries
// of their maps were written: to tell messages apart by.
std::string StableBytes(const google::protobuf::Message& message);

// A configuration as bytes, and back: for a disk, and for a later version of this program.
std::string Serialize(const Config& config);
Checked<Config> Parse(std::string_view bytes, const Bootstrap& bootstrap);

// What endpoints are called must tell them apart; where the policy hashes, what hashing sees of them, too.
// Paths begin with "endpoints".
std::vector<Violation> CheckMembership(const Cluster& cluster);

}  // namespace fairlead::config
