#include "pkg/drain/drain.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

namespace fairlead::drain {
namespace {

// Further than any clock goes, and what an int64 holds: in milliseconds.
constexpr double kNever = 1e18;

// One of each endpoint in turn, as long as it has some.
std::vector<Member> TakeTurns(const std::vector<Member>& members) {
  std::map<const endpoint::Endpoint*, std::vector<Member>> by_endpoint;
  for (const Member& member : members) by_endpoint[member.at].push_back(member);
  std::vector<Member> ordered;
  ordered.reserve(members.size());
  for (size_t turn = 0; ordered.size() < members.size(); ++turn) {
    for (const auto& [endpoint, its] : by_endpoint) {
      if (turn < its.size()) ordered.push_back(its[turn]);
    }
  }
  return ordered;
}

void Arrange(Order order, std::vector<Member>& members, base::Random& random) {
  std::shuffle(members.begin(), members.end(), random);
  const auto older = [](const Member& a, const Member& b) { return a.began < b.began; };
  switch (order) {
    case Order::kRandom:
      break;
    case Order::kOldest:
      std::stable_sort(members.begin(), members.end(), older);
      break;
    case Order::kNewest:
      std::stable_sort(members.begin(), members.end(),
                       [&](const auto& a, const auto& b) { return older(b, a); });
      break;
    case Order::kEvenly:
      members = TakeTurns(members);
      break;
  }
}

// Tunnels a second, of so many; 0 = all at once.
double RateOf(const Pace& pace, size_t total) {
  const base::Duration window = pace.deadline - pace.notice;
  const bool hurry = pace.deadline > base::Duration(0) && window <= base::Duration(0);
  const double least = static_cast<double>(total) / std::chrono::duration<double>(window).count();
  if (pace.even) return hurry ? 0 : least;
  const double by_share = pace.share * static_cast<double>(total);
  double rate = pace.rate;
  if (by_share > 0 && (rate == 0 || by_share < rate)) rate = by_share;
  if (rate == 0 || pace.deadline == base::Duration(0)) return rate;
  return hurry ? 0 : std::max(rate, least);
}

}  // namespace

Drain::Drain(const Pace& pace, std::vector<Member> members, base::Random& random, base::MonotonicTime now)
    : pace_(pace),
      rate_(RateOf(pace, members.size())),
      total_(members.size()),
      members_(std::move(members)),
      began_(now) {
  Arrange(pace_.order, members_, random);
  Schedule(random);
  if (members_.empty()) state_ = State::kDone;
}

void Drain::Schedule(base::Random& random) {
  moments_.assign(members_.size(), base::Duration(0));
  if (rate_ == 0) return;
  const double gap = 1000 / rate_, jitter = gap * std::min(pace_.jitter_percent, 100u) / 100;
  std::uniform_real_distribution<double> early_or_late(-jitter, jitter);
  for (size_t i = 0; i < moments_.size(); ++i) {
    const double moment = static_cast<double>(i) * gap + early_or_late(random);
    moments_[i] = base::Duration(static_cast<int64_t>(std::clamp(moment, 0.0, kNever)));
  }
  std::sort(moments_.begin(), moments_.end());
}

base::Duration Drain::Elapsed(base::MonotonicTime now) const {
  const base::MonotonicTime until = state_ == State::kPaused ? paused_at_ : now;
  return std::chrono::duration_cast<base::Duration>(until - began_);
}

std::vector<Member> Drain::TakeDue(base::MonotonicTime now) {
  if (state_ != State::kRunning) return {};
  const auto end =
      std::upper_bound(moments_.begin() + static_cast<ptrdiff_t>(told_ever_), moments_.end(), Elapsed(now));
  // Whoever goes by himself is one whose turn has come: the others do not have to wait for it.
  const size_t by_now = static_cast<size_t>(end - moments_.begin());
  const size_t gone_untold = total_ - members_.size() - (told_ever_ - told_);
  const size_t due = by_now > told_ever_ + gone_untold ? by_now - told_ever_ - gone_untold : 0;
  const size_t count = std::min(due, members_.size() - told_);
  const auto first = members_.begin() + static_cast<ptrdiff_t>(told_);
  std::vector<Member> told(first, first + static_cast<ptrdiff_t>(count));
  told_ += count;
  told_ever_ += count;
  return told;
}

bool Drain::Overdue(base::MonotonicTime now) const {
  return !over() && pace_.deadline > base::Duration(0) && Elapsed(now) >= pace_.deadline;
}

std::optional<base::Duration> Drain::TimeLeft(base::MonotonicTime now) const {
  if (pace_.deadline == base::Duration(0)) return std::nullopt;
  return std::max(base::Duration(0), pace_.deadline - Elapsed(now));
}

std::vector<Member> Drain::Leaving() const {
  return {members_.begin(), members_.begin() + static_cast<ptrdiff_t>(told_)};
}

std::vector<Member> Drain::Waiting() const {
  return members_;
}

void Drain::Retain(const absl::flat_hash_set<uint64_t>& open) {
  size_t kept = 0, told = 0;
  for (size_t i = 0; i < members_.size(); ++i) {
    if (!open.contains(members_[i].id)) continue;
    if (i < told_) ++told;
    members_[kept++] = members_[i];
  }
  members_.resize(kept);
  told_ = told;
  if (members_.empty() && !over()) state_ = State::kDone;
}

void Drain::Excuse(absl::FunctionRef<bool(const Member&)> may_stay) {
  if (over()) return;
  const auto untold = members_.begin() + static_cast<ptrdiff_t>(told_);
  std::vector<Member> meant;
  for (auto member = untold; member != members_.end(); ++member) {
    if (!may_stay(*member)) meant.push_back(*member);
  }
  total_ -= static_cast<size_t>(members_.end() - untold) - meant.size();
  members_.resize(told_);
  members_.insert(members_.end(), meant.begin(), meant.end());
  if (members_.empty()) state_ = State::kDone;
}

void Drain::Pause(base::MonotonicTime now) {
  if (state_ != State::kRunning) return;
  state_ = State::kPaused;
  paused_at_ = now;
}

void Drain::Resume(base::MonotonicTime now) {
  if (state_ != State::kPaused) return;
  state_ = State::kRunning;
  began_ += now - paused_at_;
}

void Drain::Cancel() {
  if (over()) return;
  state_ = State::kCancelled;
  staying_ = members_.size() - told_;
  members_.resize(told_);
}

Progress Drain::progress() const {
  return {.state = state_, .total = total_, .told = told_ever_, .gone = total_ - members_.size() - staying_};
}

}  // namespace fairlead::drain
