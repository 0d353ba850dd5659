#include "pkg/ctl/impact_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "fairlead/control/v1/impact.pb.h"
#include "pkg/ctl/table.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using Names = google::protobuf::RepeatedPtrField<std::string>;

// Of each list: more than fit a screen are counted.
constexpr int kShown = 20;

std::string More(int64_t left) {
  return left > 0 ? fmt::format("  … and {} more\n", FormatCount(left)) : "";
}

std::string DescribeChanged(const v1::Impact& impact) {
  std::string text = FormatCount(impact.changed_total(), "change") + "\n";
  const int shown = std::min(impact.changed_size(), kShown);
  for (int i = 0; i < shown; ++i) text += fmt::format("  {}\n", Printable(impact.changed(i)));
  return text + More(impact.changed_total() - shown);
}

std::string DescribeClusters(const v1::Impact& impact, const Style& style) {
  using enum Table::Align;
  Table table({{"CLUSTER"},
               {"ADDED", kRight},
               {"REMOVED", kRight},
               {"KEYS MOVED", kRight},
               {"TUNNELS ON REMOVED", kRight}});
  for (const v1::ClusterImpact& cluster : impact.clusters()) {
    table.Add({cluster.cluster(), FormatCount(cluster.endpoints_added_total()),
               FormatCount(cluster.endpoints_removed_total()),
               cluster.has_keys_moved() ? FormatShare(cluster.keys_moved()) : "-",
               FormatCount(cluster.tunnels_on_removed())});
  }
  return table.empty() ? "" : table.ToString(style) + More(impact.clusters_total() - impact.clusters_size());
}

std::string DescribeEndpoints(const v1::ClusterImpact& cluster, const Style& style) {
  std::string text;
  const auto list = [&](const Names& labels, int64_t total, std::string_view sign, Tint tint) {
    const int shown = std::min(labels.size(), kShown);
    for (int i = 0; i < shown; ++i) {
      text += "  " +
              style.Paint(tint, fmt::format("{} {}/{}", sign, Printable(cluster.cluster()),
                                            Printable(labels.Get(i)))) +
              "\n";
    }
    text += More(total - shown);
  };
  list(cluster.endpoints_added(), cluster.endpoints_added_total(), "+", Tint::kGood);
  list(cluster.endpoints_removed(), cluster.endpoints_removed_total(), "-", Tint::kBad);
  return text;
}

// What becomes of the tunnels on endpoints that go, where there are any.
std::string DescribeLeaving(const v1::ClusterImpact& cluster) {
  if (cluster.tunnels_on_removed() == 0) return "";
  return fmt::format("  {} on what goes from {} {}\n", FormatCount(cluster.tunnels_on_removed(), "tunnel"),
                     Printable(cluster.cluster()),
                     cluster.drains() ? "are let go, as its drain says" : "stay until they end");
}

// `drained` are those of the names whose tunnels are told to go.
std::string DescribeGone(std::string_view kind, const Names& names, int64_t total, const Names& drained,
                         const Style& style) {
  std::string text;
  const int shown = std::min(names.size(), kShown);
  for (int i = 0; i < shown; ++i) {
    const bool drains = std::find(drained.begin(), drained.end(), names.Get(i)) != drained.end();
    text +=
        style.Paint(Tint::kWarning, fmt::format("{} {} goes; its open tunnels {}", kind,
                                                Printable(names.Get(i)), drains ? "are let go" : "stay")) +
        "\n";
  }
  return text + More(total - shown);
}

}  // namespace

std::string DescribeImpact(const v1::Impact& impact, const Style& style) {
  if (impact.changed_total() == 0) return "nothing changes\n";
  std::string text = DescribeChanged(impact);
  text += DescribeClusters(impact, style);
  for (const v1::ClusterImpact& cluster : impact.clusters())
    text += DescribeEndpoints(cluster, style) + DescribeLeaving(cluster);
  text += DescribeGone("listener", impact.listeners_removed(), impact.listeners_removed_total(), {}, style);
  text += DescribeGone("route", impact.routes_removed(), impact.routes_removed_total(),
                       impact.routes_drained(), style);
  return text;
}

}  // namespace fairlead::ctl
