#include "pkg/apply/change.h"

#include <utility>

namespace fairlead::apply {

std::string Origin::ToString() const {
  std::string text = source == Source::kFile ? "file" : source == Source::kPush ? "push" : "fleet";
  if (!who.empty()) text += ":" + who;
  return text;
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
