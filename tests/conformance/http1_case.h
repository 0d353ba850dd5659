#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::testing {

// What becomes of the client's connection behind an answer.
enum class Afterwards {
  kKeep,    // it may carry another request, and nothing is left over in front of that
  kClose,   // the answer says so and the proxy ends it
  kCut,     // it breaks inside the answer, which the client can tell
  kTunnel,  // it was upgraded
};

// One request's fate: the backend it reached, if it did, and the answer.
struct Http1Outcome {
  std::optional<std::string> forwarded;  // what the backend sees; nothing = no backend is connected to
  bool forwarded_cut = false;            // the backend can tell that it is not whole
  std::string backend_answer = {};       // and what it answers to it
  int status = 0;             // of the answer; 0 = see `answered`, and nothing at all where that is empty
  std::string answered = {};  // the answer's bytes
  std::string relayed = {};   // through the tunnel to the backend
  Afterwards afterwards = Afterwards::kClose;
};

// What a client sends on a connection of its own, and everything that must come of it.
struct Http1Case {
  std::string name;
  std::string sent;
  bool half_closes = false;  // the client ends its side behind what it sends
  std::vector<Http1Outcome> outcomes;
};

struct Http1CaseFile {
  std::vector<Http1Case> cases;
  std::vector<std::string> errors;  // "12: what is wrong"
};

// Reads the format that README.md describes.
Http1CaseFile ParseHttp1Cases(std::string_view text);

}  // namespace fairlead::testing
