#include "pkg/drain/shutdown_drain.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fairlead::drain {
namespace {

// The end of the window, in which nobody more is told to go: the last have it to answer.
base::Duration AnswerTime(base::Duration window) {
  return std::min(window / 10, base::Duration(1000));
}

}  // namespace

void ShutdownDrain::Start(const config::Drain& settings, base::MonotonicTime now) {
  if (settings_) return;
  settings_ = settings;
  begin_ = now + settings.delay;
}

std::optional<base::MonotonicTime> ShutdownDrain::begins_at() const {
  return settings_ ? std::optional(begin_) : std::nullopt;
}

void ShutdownDrain::Step(base::MonotonicTime now) {
  if (!settings_ || now < begin_ || now >= begin_ + settings_->window) return;
  const auto left = std::chrono::duration_cast<base::Duration>(begin_ + settings_->window - now);
  drains_.Begin({.cause = Cause::kShutdown,
                 .choose =
                     [known = known_](std::vector<Member>& members) {
                       std::erase_if(members,
                                     [&](const Member& member) { return !known->insert(member.id).second; });
                     },
                 .pace = {.even = true,
                          .deadline = left,
                          .notice = AnswerTime(settings_->window),
                          .order = OrderOf(settings_->order)},
                 .order = {.reason = telemetry::CloseReason::kDrained,
                           .code = settings_->close_code,
                           .text = std::string(tunnel::kShuttingDown)}});
}

}  // namespace fairlead::drain
