#include "pkg/dns/name_watcher.h"

#include <algorithm>
#include <utility>

namespace fairlead::dns {

NameWatcher::NameWatcher(Resolver& resolver, base::Random& random, std::string name,
                         base::Duration refresh_interval, Report report)
    : resolver_(resolver),
      random_(random),
      name_(std::move(name)),
      refresh_interval_(refresh_interval),
      report_(std::move(report)) {
  StartLookup();
}

void NameWatcher::StartLookup() {
  lookup_ = std::make_unique<Lookup>(resolver_, name_,
                                     [this](Lookup::Answer answer) { OnAnswer(std::move(answer)); });
}

void NameWatcher::OnDeadline(base::MonotonicTime) {
  StartLookup();
}

void NameWatcher::OnAnswer(Lookup::Answer answer) {
  loop::Loop& loop = resolver_.loop();
  loop.deadlines().Arm(*this, loop.Now() + NextDelay(!answer.ok()));
  // Reports come last: they may destroy this.
  if (!answer.ok()) {
    if (!std::exchange(failing_, true)) report_(answer.status());
    return;
  }
  failing_ = false;
  if (history_.Update(*std::move(answer))) report_(history_.addresses());
}

base::Duration NameWatcher::NextDelay(bool failed) {
  base::Duration delay = refresh_interval_;
  if (failed) {
    delay = std::min(retry_, refresh_interval_);
    retry_ = delay * 2;
  } else {
    retry_ = kFirstRetry;
  }
  // 10 % more or less.
  return delay * std::uniform_int_distribution<int>(90, 110)(random_) / 100;
}

}  // namespace fairlead::dns
