#include "tests/conformance/http1_case.h"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <sstream>
#include <utility>

#include "tests/conformance/escaped_line.h"

namespace fairlead::testing {
namespace {

constexpr std::string_view kUsualAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// A keyword with what follows it on its line, and the lines of its block, as they stand.
struct Clause {
  size_t line;
  std::string keyword;
  std::string argument;
  std::vector<std::string> block;
};

std::optional<Afterwards> ParseAfterwards(std::string_view word) {
  if (word == "keep") return Afterwards::kKeep;
  if (word == "close") return Afterwards::kClose;
  if (word == "cut") return Afterwards::kCut;
  if (word == "tunnel") return Afterwards::kTunnel;
  return std::nullopt;
}

// Makes a case of its clauses, once for each of its values.
class CaseReader {
 public:
  CaseReader(std::string_view value, std::vector<std::string>* errors) : value_(value), errors_(errors) {}

  Http1Case Read(const std::vector<Clause>& clauses, bool has_values) {
    case_.name = clauses.front().argument;
    if (has_values) case_.name += fmt::format(" ({})", value_);
    for (const Clause& clause : clauses) {
      line_ = clause.line;
      Take(clause);
    }
    line_ = clauses.front().line;
    if (!reasoned_) Wrong("a case says why");
    if (case_.sent.empty()) Wrong("a case sends something");
    if (open_) Wrong("what is forwarded is answered");
    if (case_.outcomes.empty()) Wrong("a case says what is answered");
    if (has_values && !used_) Wrong("its values appear nowhere: \\@");
    if (!has_values && used_) Wrong("\\@ stands for a value, and there is none");
    return std::move(case_);
  }

 private:
  void Wrong(std::string_view what) { errors_->push_back(fmt::format("{}: {}", line_, what)); }

  void Take(const Clause& clause) {
    const std::string& keyword = clause.keyword;
    if (keyword == "case" || keyword == "with") return;
    if (keyword == "why") {
      reasoned_ = !clause.argument.empty();
    } else if (keyword == "send") {
      if (!clause.argument.empty() && clause.argument != "end") Wrong("send, or send end");
      case_.half_closes = clause.argument == "end";
      case_.sent = Bytes(clause);
    } else if (keyword == "forwards") {
      TakeForwards(clause);
    } else if (keyword == "backend") {
      if (!open_) Wrong("a backend answers what is forwarded");
      outcome_.backend_answer = Bytes(clause);
    } else if (keyword == "relays") {
      if (case_.outcomes.empty()) return Wrong("relays stands behind answers tunnel");
      case_.outcomes.back().relayed = Bytes(clause);
    } else if (keyword == "answer" || keyword == "answers") {
      TakeAnswer(clause);
    } else {
      Wrong(fmt::format("no such keyword: {}", keyword));
    }
  }

  void TakeForwards(const Clause& clause) {
    if (open_) Wrong("what is forwarded is answered before the next");
    if (!clause.argument.empty() && clause.argument != "cut") Wrong("forwards, or forwards cut");
    open_ = true;
    outcome_ = Http1Outcome{.forwarded = Bytes(clause),
                            .forwarded_cut = clause.argument == "cut",
                            .backend_answer = clause.argument == "cut" ? "" : std::string(kUsualAnswer)};
  }

  // answer none | answer STATUS keep|close | answers keep|close|cut|tunnel with a block
  void TakeAnswer(const Clause& clause) {
    if (!case_.outcomes.empty() && case_.outcomes.back().afterwards != Afterwards::kKeep) {
      Wrong("nothing is answered behind an answer that does not keep the connection");
    }
    std::string_view argument = clause.argument;
    const bool exact = clause.keyword == "answers";
    if (exact) {
      outcome_.answered = Bytes(clause);
    } else if (argument == "none") {
      argument = "close";
    } else {
      const auto [end, error] =
          std::from_chars(argument.data(), argument.data() + argument.size(), outcome_.status);
      if (error != std::errc() || outcome_.status < 100 || outcome_.status > 599) Wrong("that is no status");
      argument.remove_prefix(
          std::min<size_t>(static_cast<size_t>(end - argument.data()) + 1, argument.size()));
    }
    const std::optional<Afterwards> afterwards = ParseAfterwards(argument);
    const bool known =
        afterwards && (exact || *afterwards == Afterwards::kKeep || *afterwards == Afterwards::kClose);
    if (!known) Wrong("answer none, answer STATUS keep|close, or answers keep|close|cut|tunnel");
    outcome_.afterwards = afterwards.value_or(Afterwards::kClose);
    case_.outcomes.push_back(std::exchange(outcome_, {}));
    open_ = false;
  }

  std::string Bytes(const Clause& clause) {
    std::string bytes;
    if (clause.block.empty()) Wrong(fmt::format("{} has no block", clause.keyword));
    for (const std::string& line : clause.block) {
      std::string error;
      const std::optional<std::string> text = Unescape(line, value_, &used_, &error);
      if (!text) Wrong(error);
      bytes += text.value_or("");
    }
    return bytes;
  }

  const std::string value_;
  std::vector<std::string>* const errors_;
  size_t line_ = 0;
  Http1Case case_;
  Http1Outcome outcome_;  // of what is forwarded and not answered yet
  bool open_ = false;
  bool reasoned_ = false;
  bool used_ = false;
};

// The clauses of all cases, in order.
std::vector<Clause> ReadClauses(std::string_view text, std::vector<std::string>* errors) {
  std::vector<Clause> clauses;
  std::istringstream lines{std::string(text)};
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto wrong = [&](std::string_view what) { errors->push_back(fmt::format("{}: {}", number, what)); };
    if (line.empty() || line.starts_with('#')) continue;
    if (line.ends_with(' ') || line.ends_with('\t'))
      wrong("blanks at the end cannot be seen: write \\s or \\t");
    if (line.starts_with('|')) {
      if (line.size() > 1 && line[1] != ' ') wrong("a blank stands behind |");
      if (clauses.empty()) {
        wrong("a block stands below its keyword");
      } else {
        clauses.back().block.push_back(line.size() > 1 ? line.substr(2) : "");
      }
      continue;
    }
    const size_t blank = line.find(' ');
    clauses.push_back({.line = number,
                       .keyword = line.substr(0, blank),
                       .argument = blank == std::string::npos ? "" : line.substr(blank + 1),
                       .block = {}});
  }
  return clauses;
}

// The clauses of one case, and the values it is to be made with.
void ReadCase(const std::vector<Clause>& clauses, Http1CaseFile* file) {
  std::vector<std::string> values;
  for (const Clause& clause : clauses) {
    const bool takes_block = clause.keyword != "case" && clause.keyword != "why" &&
                             clause.keyword != "with" && clause.keyword != "answer";
    if (!takes_block && !clause.block.empty()) {
      file->errors.push_back(fmt::format("{}: {} has no block", clause.line, clause.keyword));
    }
    if (clause.keyword != "with") continue;
    bool used = false;
    std::string error;
    const auto value = Unescape(clause.argument + "\\", "", &used, &error);
    if (!value || used)
      file->errors.push_back(fmt::format("{}: {}", clause.line, used ? "no \\@ here" : error));
    values.push_back(value.value_or(""));
  }
  const bool has_values = !values.empty();
  if (!has_values) values.emplace_back();
  for (const std::string& value : values) {
    file->cases.push_back(CaseReader(value, &file->errors).Read(clauses, has_values));
  }
}

}  // namespace

Http1CaseFile ParseHttp1Cases(std::string_view text) {
  Http1CaseFile file;
  std::vector<Clause> of_case;
  for (Clause& clause : ReadClauses(text, &file.errors)) {
    if (clause.keyword == "case" && !of_case.empty()) ReadCase(std::exchange(of_case, {}), &file);
    if (of_case.empty() && clause.keyword != "case") {
      file.errors.push_back(fmt::format("{}: {} belongs to a case", clause.line, clause.keyword));
      continue;
    }
    of_case.push_back(std::move(clause));
  }
  if (!of_case.empty()) ReadCase(of_case, &file);
  if (file.cases.empty()) file.errors.emplace_back("1: no case");
  std::set<std::string_view> names;
  for (const Http1Case& one : file.cases) {
    if (one.name.empty()) file.errors.emplace_back("0: a case without a name");
    if (!names.insert(one.name).second)
      file.errors.push_back(fmt::format("0: two cases named: {}", one.name));
  }
  return file;
}

}  // namespace fairlead::testing
