#include "pkg/drain/drains.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pkg/telemetry/log.h"

namespace fairlead::drain {
namespace {

// How often it is looked who has gone.
constexpr base::Duration kLookEvery{1000};

// Of a client that has been told, as long as there is.
tunnel::CloseOrder InTime(tunnel::CloseOrder order, std::optional<base::Duration> left) {
  if (left) order.answer_time = std::min(order.answer_time, *left);
  return order;
}

// "drain 2 (route ws of cluster chat)".
std::string NameOf(const DrainStatus& status) {
  std::string about(ToString(status.cause));
  if (!status.endpoint.empty()) about += " " + status.endpoint;
  if (!status.route.empty()) about += " " + status.route;
  if (!status.cluster.empty()) about += " of cluster " + status.cluster;
  return fmt::format("drain {} ({})", status.id, about);
}

void LogEnd(const DrainStatus& status, size_t cut) {
  const Progress& progress = status.progress;
  telemetry::LogInfo(fmt::format("{} {}: {} of {} gone, {} cut", NameOf(status),
                                 progress.state == State::kDone ? "is done" : "is cancelled", progress.gone,
                                 progress.total, cut));
}

}  // namespace

Drains::Drains(loop::Loop& loop, Tunnels& tunnels, const base::Clock& clock, uint64_t seed, Changed changed)
    : loop_(loop), tunnels_(tunnels), clock_(clock), random_(seed), changed_(std::move(changed)) {}

Drains::~Drains() = default;

Drains::Handle Drains::Begin(Plan plan) {
  auto status = std::make_shared<DrainStatus>(DrainStatus{.id = 0,
                                                          .cause = plan.cause,
                                                          .cluster = plan.cluster,
                                                          .endpoint = plan.endpoint,
                                                          .route = plan.route,
                                                          .close_code = plan.order.code,
                                                          .rate = 0,
                                                          .progress = {},
                                                          .began = clock_.WallNow()});
  const base::MonotonicTime now = loop_.Now();
  running_.push_back(std::make_shared<Running>(Running{.plan = std::move(plan), .status = status}));
  // Cancelled meanwhile, or this itself gone: nobody holds it then.
  tunnels_.Find(running_.back()->plan.who, loop_,
                [this, weak = std::weak_ptr(running_.back()), now](std::vector<Member> members) {
                  if (const RunningPtr running = weak.lock()) Found(running, std::move(members), now);
                });
  return status;
}

void Drains::Found(const RunningPtr& running, std::vector<Member> members, base::MonotonicTime asked_at) {
  Plan& plan = running->plan;
  if (plan.choose) plan.choose(members);
  const size_t count = members.size();
  if (count == 0 || plan.dry_run) {
    running->status->progress.state = State::kDone;
    std::erase(running_, running);
  } else {
    running->drain.emplace(plan.pace, std::move(members), random_, asked_at);
    running->status->id = ++last_id_;
    running->status->rate = running->drain->rate();
    telemetry::LogInfo(
        fmt::format("{} begins: {} tunnel{}", NameOf(*running->status), count, count == 1 ? "" : "s"));
    Step(*running, loop_.Now());
    Note(*running);
  }
  if (plan.begun) plan.begun(running->status->id, count);
  Awake();
}

void Drains::Step(Running& running, base::MonotonicTime now) {
  if (!running.drain) return;
  const tunnel::CloseOrder& order = running.plan.order;
  if (const std::vector<Member> due = running.drain->TakeDue(now); !due.empty()) {
    tunnels_.Shut(due, InTime(order, running.drain->TimeLeft(now)));
    Note(running);
  }
  if (running.drain->Overdue(now) && !running.cut) {
    tunnel::CloseOrder cut = order;
    cut.reason = telemetry::CloseReason::kDrainExpired;
    const std::vector<Member> waiting = running.drain->Waiting();
    running.cut = waiting.size();
    tunnels_.Cut(waiting, cut);
  }
}

void Drains::Look(base::MonotonicTime now) {
  looked_at_ = now;
  std::vector<Member> waiting;
  std::vector<std::weak_ptr<Running>> asked;
  const auto ask = [&](const RunningPtr& running) {
    if (!running->drain) return;
    const std::vector<Member> its = running->drain->Waiting();
    if (its.empty()) return;
    waiting.insert(waiting.end(), its.begin(), its.end());
    asked.push_back(running);
  };
  std::for_each(running_.begin(), running_.end(), ask);
  std::for_each(over_.begin(), over_.end(), ask);
  if (asked.empty()) return;
  tunnels_.FindOpen(waiting, loop_,
                    [this, asked = std::move(asked)](const absl::flat_hash_set<uint64_t>& open) {
                      for (const std::weak_ptr<Running>& weak : asked) {
                        const RunningPtr running = weak.lock();
                        if (!running) continue;
                        running->drain->Retain(open);
                        Note(*running);
                      }
                    });
}

// Something is new about it; perhaps that it is over.
void Drains::Note(Running& running) {
  DrainStatus& status = *running.status;
  status.progress = running.drain->progress();
  news_ = true;
  if (!status.over()) return;
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const RunningPtr& held) { return held.get() == &running; });
  if (found == running_.end()) return;
  LogEnd(status, running.cut.value_or(0));
  running.plan.choose = nullptr;  // and what it holds
  over_.push_front(*found);
  running_.erase(found);
  if (over_.size() > kRemembered) over_.pop_back();
}

// One that is cancelled is over, and still waits for those who were told.
bool Drains::IsIdle() const {
  return running_.empty() && std::none_of(over_.begin(), over_.end(), [](const RunningPtr& over) {
           return !over->drain->Waiting().empty();
         });
}

void Drains::OnDeadline(base::MonotonicTime now) {
  for (const RunningPtr& running : std::vector<RunningPtr>(running_)) Step(*running, now);
  if (now - looked_at_ >= kLookEvery) Look(now);
  Awake();
}

// Tells what is new, and comes again while there is something to do.
void Drains::Awake() {
  if (std::exchange(news_, false)) Report();
  if (IsIdle()) return Disarm();
  if (!armed()) loop_.deadlines().Arm(*this, loop_.Now() + base::DeadlineWheel::kTick);
}

Drains::Running* Drains::Find(const Handle& handle) const {
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const RunningPtr& running) { return running->status == handle; });
  return found == running_.end() ? nullptr : found->get();
}

void Drains::Cancel(const Handle& handle) {
  Running* const running = Find(handle);
  if (running == nullptr) return;
  if (running->drain) {
    running->drain->Cancel();
    Note(*running);
  } else {
    running->status->progress.state = State::kCancelled;
    Plan::Begun begun = std::move(running->plan.begun);
    std::erase_if(running_, [&](const RunningPtr& held) { return held.get() == running; });
    if (begun) begun(0, 0);
  }
  Awake();
}

void Drains::Excuse(const Handle& handle, absl::FunctionRef<bool(const Member&)> may_stay) {
  Running* const running = Find(handle);
  if (running == nullptr || !running->drain) return;
  running->drain->Excuse(may_stay);
  Note(*running);
  Awake();
}

std::vector<Member> Drains::Leaving(const Handle& handle) const {
  const Running* const running = Find(handle);
  return running != nullptr && running->drain ? running->drain->Leaving() : std::vector<Member>();
}

bool Drains::Obey(uint64_t id, Command command) {
  const auto found = std::find_if(running_.begin(), running_.end(), [&](const RunningPtr& running) {
    return running->drain && running->status->id == id;
  });
  if (found == running_.end()) return false;
  const RunningPtr running = *found;
  switch (command) {
    case Command::kPause:
      running->drain->Pause(loop_.Now());
      break;
    case Command::kResume:
      running->drain->Resume(loop_.Now());
      break;
    case Command::kCancel:
      running->drain->Cancel();
      break;
  }
  Note(*running);
  Awake();
  return true;
}

void Drains::Report() {
  std::vector<DrainStatus> all;
  for (const RunningPtr& running : running_) {
    if (running->drain) all.push_back(*running->status);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
  for (const RunningPtr& over : over_) all.push_back(*over->status);
  changed_(std::move(all));
}

}  // namespace fairlead::drain
