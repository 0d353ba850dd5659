#include "pkg/apply/change.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "pkg/config/owner_name.h"

namespace fairlead::apply {

std::string Origin::ToString() const {
  std::string text = absl::AsciiStrToLower(std::string(config::Name(source)));
  if (!who.empty()) text += ":" + who;
  return text;
}

const std::string* MembershipTarget(const Change& change) {
  if (const auto* set = std::get_if<SetEndpoints>(&change.what)) return &set->cluster;
  if (const auto* patch = std::get_if<PatchEndpoints>(&change.what)) return &patch->cluster;
  return nullptr;
}

Answer Answer::Refusal(Verdict verdict, std::string message) {
  Answer answer;
  answer.verdict = verdict;
  answer.message = std::move(message);
  return answer;
}

Answer Answer::Refusal(Verdict verdict, std::vector<config::Violation> violations) {
  Answer answer = Refusal(verdict, violations.front().ToString());
  answer.violations = std::move(violations);
  return answer;
}

}  // namespace fairlead::apply
