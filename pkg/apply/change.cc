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
