#include "pkg/config/write_drain.h"

#include <string_view>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/duration_text.h"
#include "pkg/config/write_cluster_message.h"

namespace fairlead::config {
namespace {

std::string_view Name(DrainOrder order) {
  switch (order) {
    case DrainOrder::kRandom:
      return "RANDOM";
    case DrainOrder::kOldest:
      return "OLDEST";
    case DrainOrder::kNewest:
      return "NEWEST";
    case DrainOrder::kEvenly:
      return "EVENLY";
  }
  return "";
}

v1::DrainOrder ToMessage(DrainOrder order) {
  switch (order) {
    case DrainOrder::kRandom:
      return v1::DRAIN_ORDER_RANDOM;
    case DrainOrder::kOldest:
      return v1::DRAIN_ORDER_OLDEST;
    case DrainOrder::kNewest:
      return v1::DRAIN_ORDER_NEWEST;
    case DrainOrder::kEvenly:
      return v1::DRAIN_ORDER_EVENLY;
  }
  return v1::DRAIN_ORDER_UNSPECIFIED;
}

}  // namespace

void WriteDrain(const Drain& drain, JsonWriter& json) {
  json.BeginObject("drain");
  json.Text("delay", FormatDuration(drain.delay));
  json.Text("window", FormatDuration(drain.window));
  json.Number("close_code", drain.close_code);
  json.Text("order", Name(drain.order));
  json.EndObject();
}

void WriteDrainMessage(const Drain& drain, v1::Drain* message) {
  WriteDurationMessage(drain.delay, message->mutable_delay());
  WriteDurationMessage(drain.window, message->mutable_window());
  message->set_close_code(drain.close_code);
  message->set_order(ToMessage(drain.order));
}

void WriteClusterDrain(const Resilience& resilience, JsonWriter& json) {
  if (const auto& drain = resilience.drain) {
    json.BeginObject("drain");
    json.Number("rate", drain->rate);
    json.Number("share_percent", drain->share_percent);
    json.Number("jitter_percent", drain->jitter_percent);
    json.Text("deadline", FormatDuration(drain->deadline));
    json.Number("close_code", drain->close_code);
    json.Text("order", Name(drain->order));
    json.EndObject();
  }
  json.Text("misplaced", resilience.misplaced == Misplaced::kMove ? "MOVE" : "KEEP");
  if (const auto& rebalance = resilience.rebalance) {
    json.BeginObject("rebalance");
    json.Thousandths("target", rebalance->target_permille);
    json.Text("min_age", FormatDuration(rebalance->min_age));
    json.Text("cooldown", FormatDuration(rebalance->cooldown));
    json.EndObject();
  }
}

void WriteClusterDrainMessage(const Resilience& resilience, v1::Cluster* message) {
  if (const auto& drain = resilience.drain) {
    v1::ClusterDrain* const written = message->mutable_drain();
    written->set_rate(drain->rate);
    written->set_share_percent(drain->share_percent);
    written->set_jitter_percent(drain->jitter_percent);
    WriteDurationMessage(drain->deadline, written->mutable_deadline());
    written->set_close_code(drain->close_code);
    written->set_order(ToMessage(drain->order));
  }
  message->set_misplaced(resilience.misplaced == Misplaced::kMove ? v1::MISPLACED_POLICY_MOVE
                                                                  : v1::MISPLACED_POLICY_KEEP);
  if (const auto& rebalance = resilience.rebalance) {
    message->mutable_rebalance()->set_target(rebalance->target_permille / 1000.0);
    WriteDurationMessage(rebalance->min_age, message->mutable_rebalance()->mutable_min_age());
    WriteDurationMessage(rebalance->cooldown, message->mutable_rebalance()->mutable_cooldown());
  }
}

}  // namespace fairlead::config
