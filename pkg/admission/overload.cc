#include "pkg/admission/overload.h"

#include <array>
#include <cstdlib>

namespace fairlead::admission {
namespace {

// In percent of the limit.
struct Threshold {
  OverloadAction action;
  int64_t begins;
  int64_t ends;
};
constexpr std::array<Threshold, kOverloadActionCount> kThresholds{{
    {OverloadAction::kStopKeepAlive, 80, 75},
    {OverloadAction::kRefuseUpgrades, 90, 85},
    {OverloadAction::kStopAccepting, 100, 95},
}};

// In two steps, so that no limit is too large to be multiplied.
constexpr int64_t Percent(int64_t limit, int64_t percent) {
  return limit / 100 * percent + limit % 100 * percent / 100;
}

bool IsInForce(const Threshold& threshold, bool was, int64_t used, int64_t limit) {
  if (limit <= 0) return false;
  if (was) return used > Percent(limit, threshold.ends);
  if (threshold.begins == 100) return used >= limit;
  // The share rounded up: of a limit of three, the third connection is no overload.
  return used > limit - Percent(limit, 100 - threshold.begins);
}

}  // namespace

std::string_view ToString(OverloadAction action) {
  switch (action) {
    case OverloadAction::kStopKeepAlive:
      return "stop_keep_alive";
    case OverloadAction::kRefuseUpgrades:
      return "refuse_upgrades";
    case OverloadAction::kStopAccepting:
      return "stop_accepting";
  }
  std::abort();
}

OverloadActions OverloadTrigger::Update(int64_t used, int64_t limit) {
  OverloadActions before = in_force_.load(std::memory_order_relaxed);
  OverloadActions after = before;
  for (const Threshold& threshold : kThresholds) {
    after.Set(threshold.action, IsInForce(threshold, before.Has(threshold.action), used, limit));
  }
  // Where another thread was faster, its view is as good.
  if (after != before) in_force_.compare_exchange_strong(before, after, std::memory_order_relaxed);
  return after;
}

std::optional<std::string> OverloadTrigger::TakeNews() {
  const OverloadActions now = in_force_.load(std::memory_order_relaxed);
  OverloadActions told = told_.load(std::memory_order_relaxed);
  if (now == told || !told_.compare_exchange_strong(told, now, std::memory_order_relaxed))
    return std::nullopt;
  std::string news;
  for (const Threshold& threshold : kThresholds) {
    const bool is = now.Has(threshold.action);
    if (is == told.Has(threshold.action)) continue;
    if (!news.empty()) news += ", ";
    news.append(ToString(threshold.action)).append(is ? " begins" : " ends");
  }
  return news;
}

}  // namespace fairlead::admission
