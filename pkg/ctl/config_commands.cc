#include "pkg/ctl/config_commands.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>

#include "fairlead/control/v1/config_service.grpc.pb.h"
#include "pkg/config/load.h"
#include "pkg/config/messages.h"
#include "pkg/config/to_json.h"
#include "pkg/ctl/client.h"
#include "pkg/ctl/cluster_settings.h"
#include "pkg/ctl/table.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using Rpcs = v1::ConfigService::StubInterface;

constexpr int kPage = 1000;

ExitCode PrintResult(const Client& client, ExitCode code, const v1::ChangeResult& result, bool dry_run) {
  if (code != kDone) return code;
  if (client.json()) {
    PrintJson(result);
  } else {
    Print(DescribeResult(result, dry_run, client.style()));
  }
  return kDone;
}

ExitCode PrintViolations(const std::vector<config::Violation>& violations, ExitCode code) {
  for (const config::Violation& violation : violations) PrintError(violation.ToString() + "\n");
  return code;
}

config::Loaded Load(const std::string& path) {
  if (path != "-") return config::LoadFile(path);
  return config::LoadYaml(
      std::string{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()});
}

std::string DescribeRevisions(const v1::ListRevisionsResponse& response, const Style& style) {
  using google::protobuf::util::TimeUtil;
  const base::WallTime now = std::chrono::system_clock::now();
  Table table(
      {{"REVISION", Table::Align::kRight}, {"APPLIED"}, {"AGE", Table::Align::kRight}, {"BY"}, {"WHAT"}});
  for (const v1::Revision& revision : response.revisions()) {
    const base::WallTime then{
        std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(revision.applied_at()))};
    table.Add({fmt::format("{}", revision.revision()), FormatTime(then),
               FormatAge(std::chrono::duration_cast<base::Duration>(now - then)), revision.source(),
               revision.summary()});
  }
  return table.ToString(style);
}

}  // namespace

ExitCode GetConfig(const Session& session) {
  Client client(session);
  v1::GetConfigResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::GetConfig, {}, &response);
  if (code != kDone) return code;
  const auto config = config::ConfigFromMessage(response.config(), config::Bootstrap{});
  if (client.json() || !config.value) {  // of a later version: as it stands
    PrintJson(response);
  } else {
    Print(fmt::format("# revision {}, etag {}\n{}", response.revision(), response.etag(),
                      config::ToJson(*config.value)));
  }
  return kDone;
}

ExitCode ApplyConfig(const Session& session, const std::string& path, const ChangeFlags& flags) {
  const config::Loaded loaded = Load(path);
  if (!loaded.file) return PrintViolations(loaded.violations, kRefused);
  v1::ApplyConfigRequest request;
  *request.mutable_config() = config::ToMessage(loaded.file->config);
  FillOptions(flags, request.mutable_options());
  Client client(session);
  v1::ApplyConfigResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::ApplyConfig, request, &response);
  return PrintResult(client, code, response.result(), flags.dry_run);
}

ExitCode SetCluster(const Session& session, const std::string& cluster,
                    const std::vector<std::string>& settings, const ChangeFlags& flags) {
  v1::UpdateClusterRequest request;
  std::vector<std::string> mask;
  const auto violations = TakeSettings(settings, request.mutable_cluster(), &mask);
  if (!violations.empty()) return PrintViolations(violations, kUsage);
  request.mutable_cluster()->set_name(cluster);
  for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
  FillOptions(flags, request.mutable_options());
  Client client(session);
  v1::UpdateClusterResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::UpdateCluster, request, &response);
  return PrintResult(client, code, response.result(), flags.dry_run);
}

ExitCode ListRevisions(const Session& session, int limit) {
  Client client(session);
  v1::ListRevisionsRequest request;
  v1::ListRevisionsResponse all;
  do {
    const int left = limit == 0 ? kPage : limit - all.revisions_size();
    request.set_page_size(std::min(left, kPage));
    request.set_page_token(all.next_page_token());
    v1::ListRevisionsResponse page;
    const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::ListRevisions, request, &page);
    if (code != kDone) return code;
    all.MergeFrom(page);
    all.set_next_page_token(page.next_page_token());
  } while (!all.next_page_token().empty() && (limit == 0 || all.revisions_size() < limit));
  if (client.json()) {
    PrintJson(all);
  } else {
    Print(DescribeRevisions(all, client.style()));
  }
  return kDone;
}

ExitCode Rollback(const Session& session, uint64_t revision, const ChangeFlags& flags) {
  v1::RollbackConfigRequest request;
  request.set_revision(revision);
  FillOptions(flags, request.mutable_options());
  Client client(session);
  v1::RollbackConfigResponse response;
  const ExitCode code = client.Ask<v1::ConfigService>(&Rpcs::RollbackConfig, request, &response);
  return PrintResult(client, code, response.result(), flags.dry_run);
}

}  // namespace fairlead::ctl
